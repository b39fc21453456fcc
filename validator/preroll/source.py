"""
The one door through which untrusted bytes become Python values: payloads, job files, vendors' documents.

What comes in is a text of JSON, JSONC or YAML; what comes out is a tree of `dict`, `list`, `str`, `int`,
`float`, `Decimal`, `bool` and `None` with every number exact, or one `Unreadable` that says what is wrong,
where, and what to do. No input raises anything else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any, Final

import orjson

from preroll.positions import Positions
from preroll.unreadable import (
    MAX_ALIASED,
    MAX_BYTES,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_EXPONENT,
    MAX_MARKS,
    MAX_YAML_BYTES,
    MAX_YAML_FAULTS,
    MAX_YAML_NODES,
    Unreadable,
    decoded,
    megabytes,
    unreadable,
)

if TYPE_CHECKING:
    from preroll.yaml_text import Document

__all__ = [
    "MAX_ALIASED",
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_DIGITS",
    "MAX_EXPONENT",
    "MAX_MARKS",
    "MAX_YAML_BYTES",
    "MAX_YAML_FAULTS",
    "MAX_YAML_NODES",
    "Positions",
    "Unreadable",
    "locate",
    "positions",
    "read",
    "read_file",
    "read_json",
    "read_jsonc",
    "read_yaml",
    "read_yaml_documents",
    "read_yaml_parts",
]

_YAML_ENDINGS: Final = (".yaml", ".yml")
_JSONC_ENDING: Final = ".jsonc"

_BLANKS: Final = b" \t\n\r"

# The shape of a text for the screen: what can be part of a number becomes `0`, an exponent's letter `e`.
_SHAPE: Final = bytes.maketrans(b"0123456789.+-E", b"0000000000000e")
_LONG: Final = b"0" * 16
_STEEP: Final = b"0e000"
_NUMERIC: Final = b"0123456789.+-"
_BEFORE_A_NUMBER: Final = b" \t\n\r,:["


def read_json(raw: bytes, name: str = "<payload>", *, one_line: bool = False) -> Any:
    """
    The exact value of one JSON text (RFC 8259, UTF-8 without a byte order mark).

    Integers stay `int`; another number becomes `float` where the float's shortest form says the decimal that
    was written, else `Decimal`.

    Args:
        raw: UTF-8 without a byte order mark.
        name: what to call it in a refusal.
        one_line: it is a line of a file: a refusal then names other places in it by their columns alone.

    Raises:
        Unreadable: no JSON, a repeated key, a lone surrogate, or beyond one of the limits `MAX_BYTES`,
            `MAX_MARKS`, `MAX_DEPTH`, `MAX_DIGITS`, `MAX_EXPONENT`.
    """
    if len(raw) > MAX_MARKS:
        _refuse_large(raw, name)
    # orjson is fast, but keeps the last of repeated keys silently and rounds numbers. So its value counts
    # only when writing it out again shows that nothing was lost: the same text comes back, blanks aside.
    try:
        value = orjson.loads(raw)
        echo = orjson.dumps(value)  # fails beyond 254 levels, which leaves deep texts to the exact parser
    except (ValueError, TypeError):
        from preroll.json_text import parse

        return parse(decoded(raw, name), name, one_line=one_line)
    if echo == raw or echo.translate(None, _BLANKS) == raw.translate(None, _BLANKS):
        return value
    # Else the text writes characters as escapes, or numbers in its own way; that may be all.
    # A repeated key takes its colon away, and only an escaped one can bring a colon back.
    if raw.count(b":") != echo.count(b":") or (b"\\" in raw and b"\\u003" in raw):
        from preroll.json_text import parse

        return parse(decoded(raw, name), name, one_line=one_line)
    shape = raw.translate(_SHAPE)
    if (_LONG in shape and _rounded(raw, shape)) or (_STEEP in shape and _steep(raw, shape)):
        from preroll.json_text import recounted

        return recounted(raw.decode(), name, one_line=one_line)
    return value


def _rounded(raw: bytes, shape: bytes) -> bool:
    """
    Whether a numeral of 16 characters or more may be rounded by orjson.

    Shorter ones have at most 15 digits, which a float always keeps; integers are kept up to 2^64, and so up
    to 19 digits (18 with a sign).
    """
    at = shape.find(_LONG)
    while at >= 0:
        end = at + 16
        while shape[end : end + 1] == b"0":
            end += 1
            if end - at > 19:
                return True
        digits = raw[at:end].removeprefix(b"-")
        if not digits.isdigit() or shape[end : end + 1] == b"e":
            return True
        at = shape.find(_LONG, end)
    return False


def _steep(raw: bytes, shape: bytes) -> bool:
    """Whether some number, as opposed to hexadecimal text, may have an exponent of three digits."""
    at = shape.find(_STEEP)
    while at >= 0:
        start = max(0, at - 20)
        before = raw[start : at + 1].rstrip(_NUMERIC)
        if not before or before[-1] in _BEFORE_A_NUMBER:
            return True
        at = shape.find(_STEEP, at + 1)
    return False


def _refuse_large(raw: bytes, name: str) -> None:
    if len(raw) > MAX_BYTES:
        decoded(raw, name)
    if raw.count(b",") + raw.count(b"[") + raw.count(b"{") > MAX_MARKS:
        raise Unreadable(
            name,
            None,
            None,
            f"the text holds more than {MAX_MARKS:,} commas and brackets",
            "split it into several files, or put one value on each line of a .jsonl file",
        )


def read_jsonc(raw: bytes, name: str) -> Any:
    """
    The exact value of one JSONC text: JSON that may hold `//` and `/* */` comments and trailing commas.

    Raises:
        Unreadable: as `read_json`.
    """
    from preroll.json_text import parse

    if len(raw) > MAX_MARKS:
        _refuse_large(raw, name)
    return parse(decoded(raw, name), name, comments=True)


def read_yaml(raw: bytes, name: str, *, keys_as_text: bool = False) -> Any:
    """
    The exact value of a YAML 1.2 text of one document, under the core schema.

    Dates and times, `1280:720`, `yes` and `on` are strings. Numbers are as exact as those of `read_json`.

    Args:
        raw: UTF-8 without a byte order mark.
        name: what to call it in a refusal.
        keys_as_text: read the keys `200` and `true` as the strings that they look like, as OpenAPI asks.

    Raises:
        Unreadable: no YAML, no document or several, a tag beyond the core schema, a repeated key or one that
            is not a string, `.nan`, `.inf`, or beyond one of the limits `MAX_YAML_BYTES`, `MAX_YAML_NODES`,
            `MAX_ALIASED`, `MAX_DEPTH`, `MAX_DIGITS`, `MAX_EXPONENT`.
    """
    return _only_document(raw, name, keys_as_text=keys_as_text).value


def read_yaml_documents(raw: bytes, name: str, *, keys_as_text: bool = False) -> list[Document]:
    """
    Every document of a YAML text, with `value` and `positions`; at least one.

    Raises:
        Unreadable: as `read_yaml`.
    """
    from preroll.yaml_text import documents

    found = documents(decoded(raw, name, limit=MAX_YAML_BYTES), name, keys_as_text=keys_as_text)
    if not found:
        raise _nothing(raw, name)
    return found


def read_yaml_parts(raw: bytes, name: str) -> Iterator[Document | Unreadable]:
    """
    Every document of a YAML text, and in the place of one that cannot be read what is wrong with it; at least one.

    Raises:
        Unreadable: the text as a whole cannot be read.
    """
    from preroll.yaml_text import parts

    some = False
    for each in parts(decoded(raw, name, limit=MAX_YAML_BYTES), name):
        some = True
        yield each
    if not some:
        raise _nothing(raw, name)


def _nothing(raw: bytes, name: str) -> Unreadable:
    what = "holds nothing but blanks and comments" if raw.strip() else "is empty"
    return Unreadable(name, 1, 1, f"the text {what}", "give a YAML document")


def _only_document(raw: bytes, name: str, *, keys_as_text: bool = False) -> Document:
    first, *more = read_yaml_documents(raw, name, keys_as_text=keys_as_text)
    if more:
        raise unreadable(
            name,
            more[0].positions.text,
            more[0].start,
            f"the text holds {len(more) + 1} documents where one is expected",
            "keep one, or put each into a file of its own",
        )
    return first


def read(raw: bytes, name: str) -> Any:
    """
    The value of a text whose format its name tells: YAML (`.yaml`, `.yml`), JSONC (`.jsonc`), else JSON.

    Raises:
        Unreadable: as `read_json`, `read_jsonc`, `read_yaml`.
    """
    if name.lower().endswith(_YAML_ENDINGS):
        return read_yaml(raw, name)
    if name.lower().endswith(_JSONC_ENDING):
        return read_jsonc(raw, name)
    return read_json(raw, name)


def positions(raw: bytes, name: str) -> Positions:
    """
    The places in a text that `read` has taken under the same name.

    Raises:
        Unreadable: as `read`, though a text that is no JSON is only followed as far as it can be.
    """
    if name.lower().endswith(_YAML_ENDINGS):
        return _only_document(raw, name).positions
    return Positions(raw, jsonc=name.lower().endswith(_JSONC_ENDING))


def locate(raw: bytes, pointer: str, *, key: bool = False, jsonc: bool = False) -> tuple[int, int]:
    """
    Line and column, from 1 and in code points, of the value at a JSON Pointer; see `Positions.of`.

    Raises:
        Unreadable: the bytes are no UTF-8 text.
        ValueError: `pointer` is not a JSON Pointer.
    """
    return Positions(raw, jsonc=jsonc).of(pointer, key=key)


def read_file(path: str | os.PathLike[str]) -> bytes:
    """
    The bytes of a regular file of at most `MAX_BYTES`.

    Raises:
        Unreadable: there is none, it is something else, it may not be read, or it is too large.
    """
    name = os.fspath(path)
    shown = ascii(name)[1:-1] if not name.isprintable() else name
    try:
        # Without waiting: opening a named pipe would otherwise block until somebody writes to it.
        handle = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise Unreadable(shown, None, None, "there is no such file", "check the path") from None
    except NotADirectoryError:
        raise Unreadable(shown, None, None, "a folder in the path is a file", "check the path") from None
    except PermissionError:
        if os.path.isdir(name):  # noqa: PTH112 - pathlib is off the start-up path
            raise _folder(shown) from None
        raise Unreadable(
            shown, None, None, "the file may not be read", "give yourself the permission to read it"
        ) from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unreadable(shown, None, None, f"the file cannot be opened: {reason}", "check the path") from None
    except ValueError:
        raise Unreadable(shown, None, None, "this is no path: it holds a NUL", "check the path") from None
    try:
        status = os.fstat(handle)
        if S_ISDIR(status.st_mode):
            raise _folder(shown)
        if not S_ISREG(status.st_mode):
            raise Unreadable(
                shown,
                None,
                None,
                "this is a pipe or a device, not a regular file",
                "use '-' to read standard input",
            )
        with os.fdopen(handle, "rb", closefd=False) as file:
            # One byte more than is allowed: a file may grow, and some report no size at all.
            raw = file.read(MAX_BYTES + 1) if status.st_size <= MAX_BYTES else b""
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise Unreadable(shown, None, None, f"the file cannot be read: {reason}", "check the disk") from None
    finally:
        os.close(handle)
    size = max(status.st_size, len(raw))
    if size > MAX_BYTES:
        raise Unreadable(
            shown,
            None,
            None,
            f"the file has {megabytes(size)}, more than the {megabytes(MAX_BYTES)} that are read",
            "split it into several files",
        )
    return raw


def _folder(shown: str) -> Unreadable:
    return Unreadable(shown, None, None, "this is a folder, not a file", "name a file inside it")


def read_document(raw: bytes, name: str) -> Any:
    """
    A vendor document: as `read`, with keys such as `200:` read as text, as OpenAPI in YAML is written.

    Raises:
        Unreadable: it is neither JSON nor YAML; says where.
    """
    if name.lower().endswith((".yaml", ".yml")):
        return read_yaml(raw, name, keys_as_text=True)
    return read(raw, name)
