"""
Patterns: what a regular expression means elsewhere, what it costs, and whether it says what it seems to.
"""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from preroll import dialect
from preroll import pointer as pointers
from preroll.audit.finding import ERROR, NOTE, WARNING, Kind, Place
from preroll.audit.subject import Node, Subject, update

UNUSABLE = Kind(
    id="pattern-not-usable",
    level=ERROR,
    title="a pattern that is no ECMA-262 regular expression, or too large to be used",
    why="Validators refuse the whole document, or take any text.",
    instead="Correct the expression.",
    example={"type": "object", "properties": {"a": {"type": "string", "pattern": "^(abc$"}}},
    mended={"type": "object", "properties": {"a": {"type": "string", "pattern": "^(abc)[0-9]"}}},
)

DIALECT = Kind(
    id="pattern-differs-in-python",
    level=NOTE,
    title="a pattern that means something else in Python than in ECMA-262",
    why="JSON Schema asks for ECMA-262. In Python `$` also matches before a final line break, and `\\d` and `\\w` "
    "match digits and letters of every script, so validators disagree about such texts.",
    instead="Write `[0-9]` for `\\d`. For `$` there is nothing that every validator reads alike.",
    example={"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]+$"}}},
    mended={"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]"}}},
)

BACKTRACKING = Kind(
    id="pattern-can-backtrack",
    level=WARNING,
    title="a pattern whose time can double with every character of a text",
    why="Validators that backtrack can be stopped by one hostile text.",
    instead="Write it so that each text can be matched in one way only.",
    example={"type": "object", "properties": {"a": {"type": "string", "pattern": "^([a-z]+)*!$"}}},
    mended={"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]*!"}}},
)

UNANCHORED = Kind(
    id="pattern-without-end",
    level=WARNING,
    title="a pattern that limits how often something may stand there, but not what follows",
    why="Without `$` at the end anything may follow, the same again included, so the limit limits nothing.",
    instead="End the pattern with `$`.",
    example={"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]{1,16}"}}},
    mended={"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]"}}},
)

KINDS = (UNUSABLE, DIALECT, BACKTRACKING, UNANCHORED)


def of(node: Node) -> Iterator[tuple[str, str]]:
    """The patterns of a schema, each with its JSON Pointer."""
    pattern = node.schema.get("pattern")
    if isinstance(pattern, str):
        yield f"{node.pointer}/pattern", pattern
    members = node.schema.get("patternProperties")
    for each in members if isinstance(members, dict) else ():
        yield f"{node.pointer}/patternProperties{pointers.text((each,))}", each


def unusable(node: Node) -> Iterator[tuple[str, str]]:
    """The patterns of a schema that cannot be compiled."""
    for at, pattern in of(node):
        try:
            dialect.matches(pattern, "")
        except dialect.PatternError:
            yield at, pattern


def check(subject: Subject) -> Iterator[Place]:
    """Every pattern of every schema."""
    for node in subject.nodes:
        broken = dict(unusable(node))
        for at, pattern in of(node):
            if at in broken:
                yield Place(UNUSABLE, at, f"{pattern} cannot be used as a regular expression", {"pattern": pattern})
                continue
            for kind, fact, evidence in judged(pattern):
                proposal: tuple[Mapping[str, Any], ...] = ()
                if kind is UNANCHORED and at.endswith("/pattern"):
                    proposal = (update(node.pointer, {"pattern": f"{pattern}$"}),)
                yield Place(kind, at, fact, {"pattern": pattern, **evidence}, proposal)


@functools.lru_cache(maxsize=1024)
def judged(pattern: str) -> tuple[tuple[Kind, str, Mapping[str, Any]], ...]:
    """What is wrong with a usable pattern: types of finding, each with the fact and its evidence."""
    tree = parsed(pattern)
    if tree is None:
        return ()
    return (*_dialect(pattern, tree), *_backtracking(pattern, tree), *_unanchored(pattern, tree))


Judged = Iterator[tuple[Kind, str, Mapping[str, Any]]]


def parsed(pattern: str) -> Any:
    """The parse tree of a pattern as Python reads it, or None where it cannot."""
    from re import _parser  # the only reader of expressions at hand

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return None


def shortest(tree: Any) -> str | None:
    """A short text that matches a parse tree, or None where that is not plain to see."""
    found = ""
    for operation, argument in tree:
        name = str(operation)
        if name == "LITERAL":
            found += chr(argument)
        elif name == "NOT_LITERAL":
            found += "a" if argument != ord("a") else "b"
        elif name == "ANY":
            found += "a"
        elif name == "IN":
            inside = _member(argument)
            if inside is None:
                return None
            found += inside
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, _, body = argument
            inner = shortest(body) if least else ""
            if inner is None or least > 1000:
                return None
            found += inner * least
        elif name == "SUBPATTERN":
            inner = shortest(argument[3])
            if inner is None:
                return None
            found += inner
        elif name == "BRANCH":
            ways = [each for each in map(shortest, argument[1]) if each is not None]
            if not ways:
                return None
            found += ways[0]
        elif name != "AT":
            return None
    return found


_CLASSES = {"CATEGORY_DIGIT": "0", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_DIGIT": "a",
            "CATEGORY_NOT_SPACE": "a", "CATEGORY_NOT_WORD": " "}  # fmt: skip


def _member(items: Any) -> str | None:
    """A character of a class."""
    if str(items[0][0]) == "NEGATE":
        for each in "a0 -~_!éж":
            if not any(_has(item, each) for item in items[1:]):
                return each
        return None
    name, argument = str(items[0][0]), items[0][1]
    if name == "LITERAL":
        return chr(argument)
    if name == "RANGE":
        return chr(argument[0])
    return _CLASSES.get(str(argument))


def _has(item: Any, character: str) -> bool:
    name, argument = str(item[0]), item[1]
    if name == "LITERAL":
        return bool(ord(character) == argument)
    if name == "RANGE":
        return bool(argument[0] <= ord(character) <= argument[1])
    plain = {"CATEGORY_DIGIT": r"\d", "CATEGORY_NOT_DIGIT": r"\D", "CATEGORY_WORD": r"\w", "CATEGORY_NOT_WORD": r"\W",
             "CATEGORY_SPACE": r"\s", "CATEGORY_NOT_SPACE": r"\S"}.get(str(argument))  # fmt: skip
    return plain is not None and re.fullmatch(plain, character, re.ASCII) is not None


def _dialect(pattern: str, tree: Any) -> Judged:
    text = shortest(tree)
    if text is None or not dialect.matches(pattern, text):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = re.compile(pattern)
    candidates = [(f"{text}\n", "a line break at the end")]
    candidates += [
        (f"{text[:index]}\u0661{text[index + 1 :]}", "Arabic-Indic digits")
        for index, each in enumerate(text)
        if each.isascii() and each.isdigit()
    ]
    if "\\w" in pattern:
        candidates.append((text.replace("a", "ж"), "letters of other scripts"))
    different = [
        (each, said)
        for each, said in candidates
        if (compiled.search(each) is not None) is not dialect.matches(pattern, each)
    ]
    if different:
        shown = {said: each for each, said in reversed(different)}
        told = " and ".join(reversed(shown))
        yield DIALECT, f"in Python it takes {told}", {"payloads": list(shown.values())}


# --- backtracking ---
#
# An expression takes exponential time on a backtracking engine only if, in its automaton, two different ways lead
# from a state back to itself over the same text (exponential ambiguity), and the text can go on so that the match
# fails in the end. Ways are compared in the product of the automaton with itself.


class _Automaton:
    """A nondeterministic automaton over the characters that a pattern tells apart."""

    def __init__(self) -> None:
        self.edges: list[list[tuple[Any, int]]] = []
        self.empty: list[list[int]] = []

    def state(self) -> int:
        self.edges.append([])
        self.empty.append([])
        return len(self.edges) - 1

    def build(self, tree: Any, start: int) -> int | None:
        """The state behind a tree, or None where the tree holds what is not regular."""
        for operation, argument in tree:
            name = str(operation)
            if name in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
                end = self.state()
                self.edges[start].append(((name, argument), end))
            elif name == "SUBPATTERN":
                inner = self.build(argument[3], start)
                if inner is None:
                    return None
                end = inner
            elif name == "BRANCH":
                end = self.state()
                for each in argument[1]:
                    first = self.state()
                    self.empty[start].append(first)
                    last = self.build(each, first)
                    if last is None:
                        return None
                    self.empty[last].append(end)
            elif name in ("MAX_REPEAT", "MIN_REPEAT"):
                repeated = self._repeat(argument, start)
                if repeated is None:
                    return None
                end = repeated
            elif name == "AT":
                continue
            else:
                return None
            start = end
        return start

    def _repeat(self, argument: Any, start: int) -> int | None:
        least, most, body = argument
        many = str(most) == "MAXREPEAT"
        if len(self.edges) > MAX_STATES:
            return None
        for _ in range(min(int(least), COPIES)):
            behind = self.build(body, start)
            if behind is None:
                return None
            start = behind
        end = self.state()
        self.empty[start].append(end)
        if many or int(most) > COPIES:  # so many that they count as unlimited
            first = self.state()
            self.empty[start].append(first)
            last = self.build(body, first)
            if last is None:
                return None
            self.empty[last] += [first, end]
        else:
            for _ in range(int(most) - int(least)):
                behind = self.build(body, start)
                if behind is None:
                    return None
                self.empty[behind].append(end)
                start = behind
        return end

    def closure(self, state: int) -> list[int]:
        """The states that are reached without a character, one entry for each way."""
        found: list[int] = []
        stack = [(state, frozenset((state,)))]
        while stack and len(found) < 200:
            here, seen = stack.pop()
            found.append(here)
            stack += [(each, seen | {each}) for each in self.empty[here] if each not in seen]
        return found


MAX_STATES = 400
COPIES = 8


def _takes(test: tuple[str, Any], character: str) -> bool:
    name, argument = test
    if name == "ANY":
        return character != "\n"
    if name in ("LITERAL", "NOT_LITERAL"):
        return (ord(character) == argument) is (name == "LITERAL")
    negate = str(argument[0][0]) == "NEGATE"
    return any(_has(each, character) for each in (argument[1:] if negate else argument)) is not negate


def _ambiguous(tree: Any) -> tuple[str, str] | None:
    """A text that leads to a state, and one that leads from it back to it in two ways; None where there is none."""
    automaton = _Automaton()
    start = automaton.state()
    if automaton.build(tree, start) is None or len(automaton.edges) > MAX_STATES:
        return None
    tests = [test for edges in automaton.edges for test, _ in edges]
    alphabet = {each for each in "aZ0 -_/" if any(_takes(test, each) for test in tests)}
    for name, argument in tests:
        inside = chr(argument) if name == "LITERAL" else _member(argument) if name == "IN" else None
        if inside:
            alphabet.add(inside)
    letters = sorted(alphabet)[:40]
    moves: dict[tuple[int, str], list[int]] = {}
    for state in range(len(automaton.edges)):
        for here in automaton.closure(state):
            for test, after in automaton.edges[here]:
                for letter in letters:
                    if _takes(test, letter):
                        moves.setdefault((state, letter), []).append(after)
    reached: dict[int, str] = {start: ""}
    queue = [start]
    for state in queue:
        for letter in letters:
            for after in moves.get((state, letter), ()):
                if after not in reached:
                    reached[after] = reached[state] + letter
                    queue.append(after)
    for state, prefix in reached.items():
        pump = _two_ways(state, letters, moves)
        if pump is not None:
            return prefix, pump
    return None


def _two_ways(state: int, letters: list[str], moves: dict[tuple[int, str], list[int]]) -> str | None:
    """A text over which two different ways lead from a state back to it."""
    seen: dict[tuple[int, int, bool], str] = {(state, state, False): ""}
    queue = [(state, state, False)]
    for one, other, parted in queue:
        text = seen[one, other, parted]
        for letter in letters:
            ones, others = moves.get((one, letter), ()), moves.get((other, letter), ())
            for index, left in enumerate(ones):
                for number, right in enumerate(others):
                    # The same target over two edges counts as two ways, if they began at the same state.
                    now = parted or left != right or (one == other and index != number)
                    key = (left, right, now)
                    if now and left == right == state:
                        return text + letter
                    if key not in seen and len(seen) < 20_000:
                        seen[key] = text + letter
                        queue.append(key)
    return None


def _backtracking(pattern: str, tree: Any) -> Judged:
    found = _ambiguous(tree)
    if found is None:
        return
    prefix, pump = found
    for tail in ("\x00", "!", "~", "\n", ""):
        hostile = prefix + pump * 30 + tail
        if not dialect.matches(pattern, hostile):
            fact = (
                f"each further {pump!r} in a text that does not match can double the time of a backtracking validator"
            )
            yield BACKTRACKING, fact, {"payload": hostile}
            return


def _unanchored(pattern: str, tree: Any) -> Judged:
    operations = list(tree)
    if len(operations) < 2 or str(operations[0][0]) != "AT" or not pattern.startswith("^"):
        return
    name, argument = str(operations[-1][0]), operations[-1][1]
    if name not in ("MAX_REPEAT", "MIN_REPEAT"):
        return
    least, most, body = argument
    if str(most) == "MAXREPEAT" or most <= 1 or most == least == 1:
        return
    text = shortest(operations[:-1])
    unit = shortest(body)
    if text is None or not unit:
        return
    beyond = text + unit * (int(most) + 1)
    if dialect.matches(pattern, beyond):
        told = f"at most {most}" if least != most else f"exactly {most}"
        fact = f"it asks for {told} at the end, and takes {int(most) + 1}, because it has no `$`"
        yield UNANCHORED, fact, {"payload": beyond}
