"""
The exact readers of JSON: every number keeps its value, every fault gets a place and a sentence.

`parse` is the authority. It is iterative, so that depth is a limit and not an accident, and knows what people
write by mistake. `recounted` is its fast equal for texts whose syntax another reader has already accepted.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from json.decoder import scanstring  # type: ignore[attr-defined]  # public, but typeshed lists it elsewhere
from typing import Any, Final

from preroll.positions import skipped
from preroll.unreadable import MAX_DEPTH, MAX_DIGITS, MAX_EXPONENT, Unreadable, place, unreadable

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+")
_WORD: Final = re.compile(r"[-+.\w$]++")
_PLAIN: Final = re.compile(r'[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+')
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_STAND_IN: Final = "\ue000"
_STOOD_IN: Final = re.compile(r'"(?:\ue000|\\ue000)([0-9]+)(?:\ue000|\\ue000)"')
_LITERALS: Final = {"true": True, "false": False, "null": None}

_FOREIGN: Final = {
    "True": ("True is Python, not JSON", "write true"),
    "False": ("False is Python, not JSON", "write false"),
    "None": ("None is Python, not JSON", "write null"),
    "undefined": ("JSON has no undefined", "write null, or leave the member out"),
}
_SIZELESS: Final = ("JSON has no NaN and no Infinity", "write a number, or null, or leave the member out")
_QUOTE = "put it in double quotes if it is text"
_MISWRITTEN: Final = tuple(
    (re.compile(pattern), problem, advice)
    for pattern, problem, advice in (
        (r"[-+]?(?i:nan|inf|infinity)", *_SIZELESS),
        (r"[-+]?0[xX][0-9a-fA-F]+", "JSON has no hexadecimal numbers", "write it in decimal"),
        (r"[-+]?[0-9]*_[0-9_]*", "a number is written without underscores", "take them out"),
        (r"\+[0-9.].*", "a number is written without a plus sign", "take it out"),
        (r"-?0[0-9]+(?:\.[0-9]+)?", "a number has no leading zeros", "take them out, or " + _QUOTE),
        (r"-?\.[0-9].*", "a number needs a digit before its decimal point", "write 0.5, not .5"),
        (r"-?[0-9]+\.(?:[eE].*)?", "a number needs a digit after its decimal point", "write 5.0, not 5."),
        (r"-?[0-9.]+[eE][-+]?", "the exponent of a number needs digits", "write 5e0 or 5, not 5e"),
        (r"-+", "a minus sign is followed by no number", ""),
        (r"[-+]?[0-9].*", "this begins like a number but is none", _QUOTE),
    )
)
_CONTROLS: Final = {"\n": ("a line break", r"\n"), "\r": ("a carriage return", r"\r"), "\t": ("a tab", r"\t")}
_CURLY: Final = "\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"
_KINDS: Final = {"{": ("object", "}"), "[": ("array", "]")}


def number(token: str) -> int | float | Decimal:
    """
    The exact value of a decimal numeral of JSON or YAML.

    An integer stays one at any size. Another number becomes a float where the float's shortest form says the
    decimal that was written (0.1, 5e0, 1.0), else a `Decimal` (0.1000000000000000055, 1e400, 1e-400).

    Raises:
        ValueError: it has more than `MAX_DIGITS` digits, or an exponent beyond `MAX_EXPONENT`.
    """
    mantissa, _, exponent = token.lower().partition("e")
    if len(mantissa) > MAX_DIGITS and sum(map(str.isdigit, mantissa)) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS:,} digits")
    if exponent and (len(exponent.lstrip("+-0")) > len(str(MAX_EXPONENT)) or abs(int(exponent[-6:])) > MAX_EXPONENT):
        raise ValueError(f"the exponent of a number is beyond {MAX_EXPONENT:,}")
    if not exponent and "." not in mantissa:
        return int(mantissa)
    near = float(token)
    exact = Decimal(token)
    return near if math.isfinite(near) and Decimal(repr(near)) == exact else exact


def quoted(key: str) -> str:
    """A key as it may stand in a sentence: in quotes, escaped, not longer than a line."""
    return json.dumps(key if len(key) <= 60 else key[:57] + "...", ensure_ascii=not key.isprintable())


class _Repeated(ValueError):
    """A key occurs twice in one object."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Repeated
    return members


_RECOUNTING: Final = json.JSONDecoder(object_pairs_hook=_members, parse_int=number, parse_float=number)


def _miswritten(word: str) -> tuple[str, str]:
    """What is wrong with a word that is no JSON value, and what to do; it may be a secret, so unsaid."""
    if found := _FOREIGN.get(word):
        return found
    for pattern, problem, advice in _MISWRITTEN:
        if pattern.fullmatch(word):
            return problem, advice
    if word.lower() in _LITERALS:
        return "true, false and null are written in small letters", "write it so"
    return "a word is not in quotes", "put text in double quotes"


def recounted(text: str, name: str, *, one_line: bool = False) -> Any:
    """
    The exact value of a text that is known to be RFC 8259 syntax, not nested beyond `MAX_DEPTH`, and to hold
    no lone surrogates.

    Raises:
        Unreadable: a key is repeated, or a number is too long.
    """
    try:
        return _RECOUNTING.decode(text)
    except ValueError:
        return parse(text, name, one_line=one_line)


def parse(text: str, name: str, *, comments: bool = False, one_line: bool = False) -> Any:
    """
    The exact value of a JSON text (RFC 8259).

    Args:
        text: all of it.
        name: what to call it in a refusal.
        comments: take `//` and `/* */` comments and trailing commas as well (JSONC).
        one_line: it is a line of a file: a refusal then names other places in it by their columns alone.

    Raises:
        Unreadable: with the place and what to do.
    """
    return _Parse(text, name, comments=comments, one_line=one_line).value()


class _Open:
    """A container that is being read."""

    __slots__ = ("container", "key", "keys", "start")

    def __init__(self, container: dict[str, Any] | list[Any], start: int) -> None:
        self.container = container
        self.start = start
        self.key = ""
        self.keys: dict[str, int] = {}


class _Parse:
    """One pass over one text; `stack` holds the containers that are open."""

    __slots__ = ("comments", "name", "one_line", "stack", "text")

    def __init__(self, text: str, name: str, *, comments: bool, one_line: bool) -> None:
        self.one_line = one_line
        self.text = text
        self.name = name
        self.comments = comments
        self.stack: list[_Open] = []

    def value(self) -> Any:
        text, stack = self.text, self.stack
        begin = at = self.skipped(0)
        while True:
            # A value is expected at `at`.
            character = text[at : at + 1]
            value: Any
            if character == '"':
                value, at = self.string(at)
            elif character in _KINDS:
                if len(stack) == MAX_DEPTH:
                    raise self.fault(
                        at,
                        f"arrays and objects are nested deeper than {MAX_DEPTH} levels",
                        "flatten the data",
                    )
                stack.append(_Open({} if character == "{" else [], at))
                at = self.skipped(at + 1)
                if text[at : at + 1] != _KINDS[character][1]:
                    at = self.key(at) if character == "{" else at
                    continue
                value = stack.pop().container
                at += 1
            else:
                value, at = self.scalar(at)
            # A value has been read; it may complete those around it.
            while True:
                at = self.skipped(at)
                if not stack:
                    if at < len(text):
                        raise self.surplus(at, begin)
                    return value
                top = stack[-1]
                container = top.container
                if isinstance(container, dict):
                    container[top.key] = value
                    closing = "}"
                else:
                    container.append(value)
                    closing = "]"
                character = text[at : at + 1]
                if character == ",":
                    comma, at = at, self.skipped(at + 1)
                    character = text[at : at + 1]
                    if character != closing:
                        at = self.key(at) if closing == "}" else at
                        break
                    if not self.comments:
                        raise self.fault(
                            comma,
                            f"a comma stands before the closing '{closing}'",
                            "take the trailing comma out",
                        )
                elif character != closing:
                    raise self.unseparated(at, closing)
                value = stack.pop().container
                at += 1

    def skipped(self, at: int) -> int:
        return skipped(self.text, at, comments=self.comments)

    def key(self, at: int) -> int:
        """Read a member's key and its colon; the offset of its value."""
        text, top = self.text, self.stack[-1]
        if text[at : at + 1] != '"':
            raise self.unexpected(at, "a key in double quotes")
        key, end = self.string(at)
        if key in top.keys:
            where = self.place(top.keys[key])
            raise self.fault(at, f"the key {quoted(key)} is given twice, first at {where}", "keep one of the two")
        top.keys[key] = at
        top.key = key
        at = self.skipped(end)
        if text[at : at + 1] != ":":
            raise self.unexpected(at, f"':' after the key {quoted(key)}")
        return self.skipped(at + 1)

    def string(self, start: int) -> tuple[str, int]:
        """Read the string whose opening quote is at `start`; its value and the offset behind it."""
        text = self.text
        try:
            value, end = scanstring(text, start + 1, True)
        except ValueError:
            raise self.broken_string(start) from None
        if text.find("\\u", start, end) >= 0:
            self.refuse_lone_surrogates(start, end)
        return value, end

    def scalar(self, at: int) -> tuple[Any, int]:
        """Read a number or a literal; its value and the offset behind it."""
        matched = _WORD.match(self.text, at)
        if matched is None:
            raise self.unexpected(at, "a value")
        word = matched.group()
        if word in _LITERALS:
            return _LITERALS[word], matched.end()
        if _NUMBER.fullmatch(word):
            try:
                return number(word), matched.end()
            except ValueError as error:
                raise self.fault(at, str(error), "put it in quotes if it is text") from None
        raise self.unexpected(at, "a value")

    # The rest says what is wrong.

    def fault(self, at: int, problem: str, advice: str = "") -> Unreadable:
        return unreadable(self.name, self.text, at, problem, advice)

    def place(self, at: int) -> str:
        """Where an offset is, in words."""
        line, column = place(self.text, at)
        return f"column {column}" if self.one_line else f"{line}:{column}"

    def surplus(self, at: int, begin: int) -> Unreadable:
        if odd := self.oddity(at):
            return self.fault(at, *odd)
        if self.text[at] in "]}":
            return self.fault(at, f"'{self.text[at]}' closes nothing", "take it out")
        where = self.place(begin)
        return self.fault(
            at,
            f"there is more text after the end of the value that begins at {where}",
            "put several values into an array, or one on each line of a .jsonl file",
        )

    def unseparated(self, at: int, closing: str) -> Unreadable:
        """Neither a comma nor the closing bracket follows a value."""
        character = self.text[at : at + 1]
        if character == ":" and closing == "]":
            return self.fault(at, "a member 'key: value' stands in an array", "put it in braces")
        if character == '"' or character in _KINDS or _WORD.match(self.text, at):
            return self.fault(at, f"a comma or '{closing}' is missing here", "put ',' between two values")
        return self.unexpected(at, f"',' or '{closing}'")

    def unexpected(self, at: int, expected: str) -> Unreadable:
        """Something else than `expected` stands at `at`, or nothing."""
        if at >= len(self.text):
            return self.truncated(at, expected)
        if odd := self.oddity(at):
            return self.fault(at, *odd)
        character = self.text[at]
        if character in "]}":
            return self.misclosed(at, expected)
        if character == ",":
            return self.fault(at, f"{expected} is missing before ','", "take the surplus comma out")
        word = _WORD.match(self.text, at)
        if word is None:
            shown = f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}"
            advice = "put text in double quotes"
            if character.isspace() or not character.isprintable():
                advice = "put a plain space in its place"
            elif character == "=":
                advice = "write ':' between a key and its value"
            return self.fault(at, f"{shown} stands where {expected} is expected", advice)
        if expected.startswith("a key"):
            return self.fault(at, "a key is not in double quotes", "put every key in double quotes")
        if expected != "a value":
            return self.fault(at, f"{expected} is missing here")
        return self.fault(at, *_miswritten(word.group()))

    def truncated(self, at: int, expected: str) -> Unreadable:
        """The text ends where `expected` should stand."""
        if not self.stack:
            if not self.text:
                return self.fault(at, "the text is empty", "give a JSON value")
            blank = "blanks and comments" if self.text.strip(" \t\n\r") else "blanks"
            return self.fault(0, f"the text holds nothing but {blank}", "give a JSON value")
        kind, closing, where = self.innermost()
        return self.fault(
            at,
            f"the text ends inside the {kind} that begins at {where}, where {expected} is expected",
            f"it may have been cut off; close the {kind} with '{closing}'",
        )

    def misclosed(self, at: int, expected: str) -> Unreadable:
        """A closing bracket stands where `expected` should."""
        character = self.text[at]
        if not self.stack:
            return self.fault(at, f"'{character}' closes nothing", "take it out")
        kind, closing, where = self.innermost()
        if character != closing:
            return self.fault(
                at,
                f"'{character}' cannot close the {kind} that begins at {where}",
                f"close it with '{closing}'",
            )
        return self.fault(at, f"{expected} is missing before '{character}'")

    def innermost(self) -> tuple[str, str, str]:
        """Kind, closing bracket and place of the container that is open."""
        start = self.stack[-1].start
        return *_KINDS[self.text[start]], self.place(start)

    def oddity(self, at: int) -> tuple[str, str] | None:
        """What people take from other languages, wherever it stands."""
        text = self.text
        if text.startswith(("//", "/*"), at) or text[at] == "#":
            # Only a file's name says that its author meant JSONC, so comments are never guessed away.
            if self.comments and text[at] == "/":
                return "the comment that begins here has no end", "close it with */"
            if self.comments:
                return "a comment begins with // or /* in JSONC", "write // in place of #"
            return "JSON has no comments", "take the comment out, or name the file .jsonc"
        if text[at] == "'":
            return "single quotes do not quote in JSON", "use double quotes"
        if text[at] in _CURLY:
            return "typographic quotes do not quote in JSON", 'use plain double quotes (")'
        if text[at] == "`":
            return "backquotes do not quote in JSON", "use double quotes"
        return None

    def broken_string(self, start: int) -> Unreadable:
        """Why the string that begins at `start` is none."""
        text = self.text
        matched = _PLAIN.match(text, start + 1)
        at = matched.end() if matched else start + 1
        where = self.place(start)
        if at >= len(text):
            return self.fault(
                at,
                f"the text ends inside the string that begins at {where}",
                "it may have been cut off; close the string with a double quote",
            )
        if text[at] != "\\":
            what, escape = _CONTROLS.get(text[at], ("a control character", f"\\u{ord(text[at]):04x}"))
            return self.fault(
                at,
                f"{what} stands unescaped inside the string that begins at {where}",
                f"write {escape}, or close the string before it",
            )
        after = text[at + 1 : at + 2]
        if not after:
            return self.fault(
                at + 1,
                f"the text ends inside the string that begins at {where}",
                "it may have been cut off; close the string with a double quote",
            )
        if after == "u":
            return self.fault(at, r"\u is not followed by four hexadecimal digits", r"write \\ for a backslash")
        shown = f"'\\{after}'" if after.isprintable() else "a backslash before a control character"
        advice = "write ' without a backslash" if after == "'" else r"write \\ for a backslash"
        return self.fault(at, f"{shown} is no escape of JSON", advice)

    def refuse_lone_surrogates(self, start: int, end: int) -> None:
        """Raise for the first escaped surrogate of the string that has no partner."""
        high = -1
        for each in _ESCAPE.finditer(self.text, start + 1, end - 1):
            unit = int(each[1], 16) if each[1] else 0
            if high >= 0:
                if 0xDC00 <= unit <= 0xDFFF and each.start() == high + 6:
                    high = -1
                    continue
                break
            if 0xD800 <= unit <= 0xDBFF:
                high = each.start()
            elif 0xDC00 <= unit <= 0xDFFF:
                high = each.start()
                break
        if high >= 0:
            raise self.fault(
                high,
                f"{self.text[high : high + 6]} is one half of a surrogate pair without the other",
                "write the character itself, or both halves",
            )


def written(value: Any, **options: Any) -> str:
    """
    A value as JSON text, with every number exact.

    Args:
        value: dicts, lists, texts, booleans, None and numbers, of which `Decimal`s are written digit by digit.
        options: of `json.dumps`; text is written as it is unless `ensure_ascii` is asked for.
    """
    exact: list[str] = []

    def stand_in(each: Any) -> Any:
        if isinstance(each, dict):
            return {stand_in(name): stand_in(inner) for name, inner in each.items()}
        if isinstance(each, list):
            return [stand_in(inner) for inner in each]
        if isinstance(each, Decimal):
            exact.append(str(each))
        elif isinstance(each, str) and each.startswith(_STAND_IN):  # what could be taken for a stand-in
            exact.append(json.dumps(each, ensure_ascii=options.get("ensure_ascii", False)))
        else:
            return each
        return f"{_STAND_IN}{len(exact) - 1}{_STAND_IN}"

    text = json.dumps(stand_in(value), **{"ensure_ascii": False, **options})
    return _STOOD_IN.sub(lambda match: exact[int(match[1])], text) if exact else text
