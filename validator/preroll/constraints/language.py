"""
Languages: which texts a pattern matches, decided exactly.

A pattern becomes a regular expression with intersection and complement, and questions about several patterns
and a length at once ("a text that matches this, not that, and has at least 13 characters") are answered by
walking its derivatives (Brzozowski 1964; Owens, Reppy and Turon 2009). So a text is made where there is one,
and where there is none that is a proof, not a failure to guess.

The usual libraries were looked at: `exrex` and `rstr` only sample one pattern (and cannot say that nothing
exists), `greenery` builds whole automata, which counted repeats such as `{1,1000}` blow up.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass

LAST = 0x10FFFF
_BEGIN, _END = LAST + 1, LAST + 2  # stand before and after the text, so that ^ and $ are characters

Intervals = tuple[tuple[int, int], ...]

STATES = 3000
"""How many derivatives are looked at before a search gives up."""

LEVELS = 4000
"""The longest text that is searched character by character; longer ones repeat a part of a shorter one."""


class Unsupported(ValueError):
    """A pattern with a part that is not regular, or that the engines do not agree about."""


class Node:
    """A regular expression; equal expressions are one object."""

    __slots__ = ("args", "kind", "nullable", "number", "steps")

    def __init__(self, kind: str, args: tuple[object, ...], *, nullable: bool, number: int) -> None:
        self.kind, self.args, self.nullable, self.number = kind, args, nullable, number
        self.steps: tuple[list[int], list[Node]] | None = None

    def __repr__(self) -> str:
        return f"{self.kind}{self.args}"


_NODES: dict[tuple[object, ...], Node] = {}


def _node(kind: str, *args: object, nullable: bool) -> Node:
    key = (kind, *(each.number if isinstance(each, Node) else each for each in args))
    found = _NODES.get(key)
    if found is None:
        found = _NODES[key] = Node(kind, args, nullable=nullable, number=len(_NODES))
    return found


NOTHING = _node("chars", (), nullable=False)
EMPTY = _node("empty", nullable=True)


def exactly(texts: Collection[str]) -> Node:
    """These texts and no others."""
    end = chars(((_END, _END),))
    begin = chars(((_BEGIN, _BEGIN),))
    return union(*(cat(begin, *(chars(((ord(one), ord(one)),)) for one in each), end) for each in sorted(texts)))


def _merged(intervals: Intervals) -> Intervals:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        elif low <= high:
            merged.append((low, high))
    return tuple(merged)


def _outside(intervals: Intervals) -> Intervals:
    result, start = [], 0
    for low, high in _merged(intervals):
        if low > start:
            result.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        result.append((start, LAST))
    return tuple(result)


def chars(intervals: Intervals) -> Node:
    """One character of a set."""
    return _node("chars", _merged(intervals), nullable=False)


def cat(*parts: Node) -> Node:
    """One after the other."""
    result = EMPTY
    for part in reversed(parts):
        if part is NOTHING or result is NOTHING:
            return NOTHING
        if part is EMPTY:
            continue
        if result is EMPTY:
            result = part
        elif part.kind == "cat":
            result = cat(part.args[0], cat(part.args[1], result))  # type: ignore[arg-type]  # a cat holds two nodes
        else:
            result = _node("cat", part, result, nullable=part.nullable and result.nullable)
    return result


def _several(kind: str, parts: tuple[Node, ...]) -> Node:
    flat: dict[int, Node] = {}
    for part in parts:
        for each in part.args if part.kind == kind else (part,):
            assert isinstance(each, Node)
            flat[each.number] = each
    neutral, absorbing = (NOTHING, ANYTHING) if kind == "or" else (ANYTHING, NOTHING)
    if absorbing.number in flat:
        return absorbing
    flat.pop(neutral.number, None)
    if not flat:
        return neutral
    if len(flat) == 1:
        return next(iter(flat.values()))
    ordered = tuple(flat[number] for number in sorted(flat))
    join = any if kind == "or" else all
    return _node(kind, *ordered, nullable=join(each.nullable for each in ordered))


def union(*parts: Node) -> Node:
    """Either."""
    return _several("or", parts)


def both(*parts: Node) -> Node:
    """All at once."""
    return _several("and", parts)


def complement(part: Node) -> Node:
    """Every text that is not in the language."""
    if part.kind == "not":
        inner = part.args[0]
        assert isinstance(inner, Node)
        return inner
    return _node("not", part, nullable=not part.nullable)


def repeat(part: Node, least: int = 0, most: int | None = None) -> Node:
    """So many times in a row."""
    if part is EMPTY or most == 0:
        return EMPTY
    if part is NOTHING:
        return EMPTY if not least else NOTHING
    if (least, most) == (1, 1):
        return part
    if part.nullable:
        least = 0
    return _node("repeat", part, least, most, nullable=not least)


ANY = chars(((0, LAST),))
_MARKED = chars(((0, _END),))
ANYTHING = _node("repeat", _MARKED, 0, None, nullable=True)


def derivative(node: Node, character: int) -> Node:
    """What may follow a character."""
    steps = node.steps
    if steps is None:
        steps = node.steps = _steps(node)
    return steps[1][bisect_right(steps[0], character) - 1]


def _steps(node: Node) -> tuple[list[int], list[Node]]:
    """The derivatives of a node, by the first character of each range in which they are the same."""
    cuts = sorted({0, *_cuts(node)})
    starts: list[int] = []
    nodes: list[Node] = []
    for cut in cuts:
        after = _derived(node, cut)
        if not nodes or nodes[-1] is not after:
            starts.append(cut)
            nodes.append(after)
    return starts, nodes


@functools.cache
def _cuts(node: Node) -> frozenset[int]:
    match node.kind:
        case "chars":
            return frozenset(cut for low, high in node.args[0] for cut in (low, high + 1))  # type: ignore[attr-defined]  # intervals
        case "empty":
            return frozenset()
        case "cat":
            first, rest = node.args
            assert isinstance(first, Node)
            assert isinstance(rest, Node)
            return _cuts(first) | _cuts(rest) if first.nullable else _cuts(first)
        case "repeat":
            assert isinstance(node.args[0], Node)
            return _cuts(node.args[0])
    return frozenset().union(*(_cuts(each) for each in node.args if isinstance(each, Node)))


def _derived(node: Node, character: int) -> Node:
    args = node.args
    match node.kind:
        case "chars":
            inside = any(low <= character <= high for low, high in args[0])  # type: ignore[attr-defined]  # intervals
            return EMPTY if inside else NOTHING
        case "empty":
            return NOTHING
        case "cat":
            first, rest = args
            assert isinstance(first, Node)
            assert isinstance(rest, Node)
            after = cat(derivative(first, character), rest)
            return union(after, derivative(rest, character)) if first.nullable else after
        case "repeat":
            part, least, most = args
            assert isinstance(part, Node)
            assert isinstance(least, int)
            fewer = None if most is None else most - 1  # type: ignore[operator]  # a number
            return cat(derivative(part, character), repeat(part, max(least - 1, 0), fewer))
        case "not":
            assert isinstance(args[0], Node)
            return complement(derivative(args[0], character))
    parts = tuple(derivative(each, character) for each in args)  # type: ignore[arg-type]  # nodes
    return union(*parts) if node.kind == "or" else both(*parts)


_NICE: tuple[int, ...] = (
    *range(ord("a"), ord("z") + 1),
    *range(ord("0"), ord("9") + 1),
    *range(ord("A"), ord("Z") + 1),
    *map(ord, "-_./:@ ,;=+!?()[]{}<>#$%&*'\"\\|~^`"),
)
_NICE_RANK = {each: rank for rank, each in enumerate(_NICE)}
_SPARE = (0xE9, 0x4E2D, 0x1F600)


def _nicest(low: int, high: int) -> int | None:
    """The most readable character of a range; none of a surrogate or the markers."""
    for each in _NICE:
        if low <= each <= high:
            return each
    for each in _SPARE:
        if low <= each <= high:
            return each
    for each in (low, high):
        if each <= LAST and not 0xD800 <= each <= 0xDFFF:
            return each
    if low < 0xD800:
        return 0xD7FF
    return 0xE000 if high > 0xDFFF and low <= 0xDFFF else None


@functools.lru_cache(maxsize=65536)
def _moves(node: Node) -> tuple[tuple[int, Node], ...]:
    """One readable character for each different derivative, the most readable first."""
    derivative(node, 0)
    assert node.steps is not None
    starts, nodes = node.steps
    best: dict[int, tuple[int, int, Node]] = {}
    for index, after in enumerate(nodes):
        if after is NOTHING:
            continue
        high = min(starts[index + 1] - 1 if index + 1 < len(starts) else LAST, LAST)
        character = _nicest(starts[index], high) if starts[index] <= high else None
        if character is not None:
            rank = _NICE_RANK.get(character, 1000 + character)
            if after.number not in best or rank < best[after.number][0]:
                best[after.number] = (rank, character, after)
    return tuple((character, after) for _, character, after in sorted(best.values(), key=lambda each: each[:2]))


@functools.lru_cache(maxsize=4096)
def _begun(node: Node) -> Node:
    """What a text may be: the mark of the beginning has been passed, and does not come again."""
    return _unmarked(derivative(node, _BEGIN), {})


def _unmarked(node: Node, done: dict[int, Node]) -> Node:
    if node is ANYTHING or node.kind == "empty":
        return node
    if node.kind == "chars":
        return NOTHING if node.args[0] == ((_BEGIN, _BEGIN),) else node
    found = done.get(node.number)
    if found is None:
        parts = tuple(_unmarked(each, done) for each in node.args if isinstance(each, Node))
        match node.kind:
            case "cat":
                found = cat(*parts)
            case "or":
                found = union(*parts)
            case "and":
                found = both(*parts)
            case "not":
                found = complement(*parts)
            case _:
                found = repeat(parts[0], *node.args[1:])  # type: ignore[arg-type]  # the two counts
        done[node.number] = found
    return found


def _accepts(node: Node) -> bool:
    return derivative(node, _END).nullable


@dataclass(frozen=True, slots=True)
class Found:
    """What a search says: a text, or None; then `proved` tells whether there is none."""

    text: str | None
    proved: bool = False


def search(node: Node, least: int = 0, most: int | None = None) -> Found:
    """A readable text of a language with at least `least` and at most `most` characters, short ones first."""
    limit = LEVELS if most is None else min(most, LEVELS)
    wanted = min(least, limit)
    level: dict[Node, tuple[Node, int] | None] = {_begun(node): None}
    history: list[dict[Node, tuple[Node, int] | None]] = []
    seen: set[Node] = set()
    work = 0
    while True:
        history.append(level)
        if len(history) - 1 >= wanted:
            for state in level:
                if _accepts(state):
                    return _stretched(history, state, least, most)
        if len(history) > limit:
            return Found(None, proved=most is not None and limit == most)
        fresh: dict[Node, tuple[Node, int] | None] = {}
        for state in level:
            for character, after in _moves(state):
                fresh.setdefault(after, (state, character))
        work += len(fresh)
        if len(history) > wanted:  # only texts beyond here count, and a state seen there leads nowhere new
            fresh = {state: way for state, way in fresh.items() if state not in seen}
            seen.update(fresh)
        if not fresh:
            return Found(None, proved=True)
        if len(fresh) > STATES or work > 40 * STATES:
            return Found(None)
        level = fresh


def _stretched(history: list[dict[Node, tuple[Node, int] | None]], state: Node, least: int, most: int | None) -> Found:
    """The text that leads to an accepting state; one that should be longer repeats a character that may."""
    path: list[tuple[Node, int]] = []
    here = state
    for level in reversed(history):
        way = level[here]
        if way is None:
            break
        path.append(way)
        here = way[0]
    path.reverse()
    text = "".join(chr(each) for _, each in path)
    if len(text) >= least:
        return Found(text)
    for index in range(len(path) - 1, -1, -1):
        before, character = path[index]
        if derivative(before, character) is before:
            return Found(text[:index] + chr(character) * (least - len(text)) + text[index:])
    del most
    return Found(None)


def matches(node: Node, text: str) -> bool:
    """Whether a text is in a language."""
    state = _begun(node)
    for each in text:
        state = derivative(state, ord(each))
    return _accepts(state)


_DIGITS = ((48, 57),)
_WORD = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE = (
    (9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
    (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_CLASSES = {
    "d": _DIGITS, "D": _outside(_DIGITS), "w": _WORD, "W": _outside(_WORD), "s": _SPACE, "S": _outside(_SPACE),
}  # fmt: skip
_CONTROLS = {"n": 10, "r": 13, "t": 9, "v": 11, "f": 12, "0": 0}
_NEWLINES = ((10, 10), (13, 13), (0x2028, 0x2029))


@functools.lru_cache(maxsize=1024)
def pattern(text: str, *, fold: bool = False, dot_all: bool = False, whole: bool = False) -> Node:
    """
    The texts in which an ECMA-262 pattern is found.

    Args:
        text: the pattern.
        fold: without regard to the case of ASCII letters.
        dot_all: a dot also stands for a line break.
        whole: the pattern must match from the beginning to the end.

    Raises:
        Unsupported: the pattern has a part that is not regular (a back-reference, a word boundary, ...).
    """
    parser = _Parser(text, fold=fold, dot_all=dot_all)
    node = parser.parsed()
    begin, end = chars(((_BEGIN, _BEGIN),)), chars(((_END, _END),))
    if whole:
        return cat(repeat(begin, 0, 1), node, repeat(end, 0, 1))
    return cat(ANYTHING, node, ANYTHING)


class _Parser:
    """Reads the regular part of ECMA-262 (and what Python writes the same)."""

    def __init__(self, text: str, *, fold: bool, dot_all: bool) -> None:
        self.text, self.at, self.fold = text, 0, fold
        self.dot = ANY if dot_all else chars(_outside(_NEWLINES))

    depth = 0

    def parsed(self) -> Node:
        node = self._choice()
        if self.at < len(self.text):
            raise Unsupported(self.text)
        return node

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, wanted: str) -> bool:
        if self.text.startswith(wanted, self.at):
            self.at += len(wanted)
            return True
        return False

    def _choice(self) -> Node:
        branches = [self._sequence()]
        while self._take("|"):
            branches.append(self._sequence())
        return union(*branches)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            for opening, holds in (("(?=", True), ("(?!", False)):
                if self._take(opening):
                    # What follows must (not) begin like this: an intersection with all that follows, which is
                    # the rest of the sequence only where the sequence is not inside a group.
                    if self.depth:
                        raise Unsupported(self.text)
                    ahead = self._choice()
                    self._close()
                    ahead = cat(ahead, ANYTHING)
                    rest = cat(self._sequence(), ANYTHING)
                    return cat(*parts, both(ahead if holds else complement(ahead), rest))
            parts.append(self._quantified())
        return cat(*parts)

    def _close(self) -> None:
        if not self._take(")"):
            raise Unsupported(self.text)

    def _quantified(self) -> Node:
        node = self._atom()
        while True:
            least, most = 0, None
            if self._take("*"):
                pass
            elif self._take("+"):
                least = 1
            elif self._take("?"):
                most = 1
            elif self._peek() == "{" and (counts := self._counts()) is not None:
                least, most = counts
            else:
                return node
            self._take("?")  # lazy or greedy is the same to a language
            if self._peek() == "+":
                raise Unsupported(self.text)
            node = repeat(node, least, most)

    def _counts(self) -> tuple[int, int | None] | None:
        end = self.text.find("}", self.at)
        low, comma, high = self.text[self.at + 1 : end].partition(",")
        if end < 0 or not low.isdecimal() or (high and not high.isdecimal()):
            return None
        self.at = end + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _atom(self) -> Node:
        character = self._peek()
        self.at += 1
        match character:
            case "(":
                return self._group()
            case "[":
                return self._set()
            case ".":
                return self.dot
            case "^":
                return chars(((_BEGIN, _BEGIN),))
            case "$":
                return chars(((_END, _END),))
            case "\\":
                return chars(self._folded(self._escape(inside=False)))
            case "*" | "+" | "?":
                raise Unsupported(self.text)
        return chars(self._folded(((ord(character), ord(character)),)))

    def _group(self) -> Node:
        if self._take("?"):
            if self._take("P<") or (self._peek() == "<" and self.text[self.at + 1 : self.at + 2] not in ("=", "!")):
                end = self.text.find(">", self.at)
                if end < 0:
                    raise Unsupported(self.text)
                self.at = end + 1
            elif not self._take(":"):
                raise Unsupported(self.text)
        self.depth += 1
        node = self._choice()
        self.depth -= 1
        self._close()
        return node

    def _set(self) -> Node:
        negated = self._take("^")
        intervals: list[tuple[int, int]] = []
        first = True
        while first or self._peek() != "]":
            if not self._peek():
                raise Unsupported(self.text)
            if first and self._peek() == "]":  # ECMA: [] is nothing, [^] is anything
                break
            first = False
            low = self._member()
            if self._peek() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._member()
                if len(low) != 1 or len(high) != 1 or low[0][0] > high[0][1]:
                    raise Unsupported(self.text)
                low = ((low[0][0], high[0][1]),)
            intervals += low
        self.at += 1
        read = self._folded(tuple(intervals))
        return chars(_outside(read) if negated else read)

    def _member(self) -> Intervals:
        character = self._peek()
        self.at += 1
        if character == "\\":
            return self._escape(inside=True)
        if character == "[" and self._peek() == ":":
            raise Unsupported(self.text)
        return ((ord(character), ord(character)),)

    def _escape(self, *, inside: bool) -> Intervals:
        character = self._peek()
        self.at += 1
        if character in _CLASSES:
            return _CLASSES[character]
        if character in _CONTROLS and not (character == "0" and self._peek().isdecimal()):
            return ((_CONTROLS[character], _CONTROLS[character]),)
        if character == "b" and inside:
            return ((8, 8),)
        if character in ("x", "u"):
            if character == "u" and self._take("{"):
                end = self.text.find("}", self.at)
                digits, self.at = self.text[self.at : end], end + 1
            else:
                width = 2 if character == "x" else 4
                digits, self.at = self.text[self.at : self.at + width], self.at + width
            try:
                code = int(digits, 16)
            except ValueError:
                raise Unsupported(self.text) from None
            if 0xD800 <= code <= 0xDFFF or code > LAST:
                raise Unsupported(self.text)
            return ((code, code),)
        if not character or character.isalnum():
            raise Unsupported(self.text)
        return ((ord(character), ord(character)),)

    def _folded(self, intervals: Intervals) -> Intervals:
        if not self.fold:
            return intervals
        other: list[tuple[int, int]] = []
        for low, high in intervals:
            for first, last, shift in ((65, 90, 32), (97, 122, -32)):
                start, stop = max(low, first), min(high, last)
                if start <= stop:
                    other.append((start + shift, stop + shift))
        return (*intervals, *other)


def samples(node: Node, count: int, least: int = 0, most: int | None = None) -> Iterator[str]:
    """Several texts of a language, each longer than the one before; fewer where there are no more."""
    for _ in range(count):
        found = search(node, least, most)
        if found.text is None:
            return
        yield found.text
        least = len(found.text) + 1
