"""
Untrusted bytes as text, the limits that are set to them, and what is said when they cannot be read.
"""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 256 * 2**20
"""The largest JSON text that is read, in bytes."""

MAX_MARKS: Final = 10_000_000
"""The most commas and opening brackets in one JSON text: each may cost a hundred bytes of memory."""

MAX_YAML_BYTES: Final = 8 * 2**20
"""The largest YAML text that is read, in bytes; its reader is hundreds of times slower than that of JSON."""

MAX_YAML_NODES: Final = 250_000
"""The most keys and values in one YAML text."""

MAX_YAML_FAULTS: Final = 100
"""The most documents of one YAML text that are found unreadable before the rest of it is left alone."""

MAX_ALIASED: Final = 100_000
"""The most values that the aliases of one YAML text may add to those that are written out."""

MAX_DEPTH: Final = 500
"""How many arrays and objects may stand inside one another; `[[1]]` counts two."""

MAX_DIGITS: Final = 1_000
"""The most digits of one number; Python itself refuses to print integers of more than 4,300."""

MAX_EXPONENT: Final = 1_000
"""The largest exponent of one number, of either sign: 1e1000 is read, 1e1001 is not."""


class Unreadable(ValueError):
    """
    Bytes, or a file, that cannot be read as the format they claim to be.

    Attributes:
        source: name of the file, or `<stdin>`, `<payload>`.
        line: where reading stopped, from 1; None where the fault has no place (a missing file).
        column: from 1, in code points; None together with `line`.
        problem: what is wrong, as one short sentence without a full stop.
        advice: what to do about it; may be empty.
    """

    def __init__(self, source: str, line: int | None, column: int | None, problem: str, advice: str = "") -> None:
        super().__init__(source, line, column, problem, advice)
        self.source = source
        self.line = line
        self.column = column
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}:{self.line}:{self.column}"
        return f"{where}: {self.problem}" + (f"; {self.advice}" if self.advice else "")


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `offset`; only a line feed ends a line."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def unreadable(name: str, text: str, offset: int, problem: str, advice: str = "") -> Unreadable:
    """The refusal of `text` because of what stands at `offset`."""
    return Unreadable(name, *place(text, offset), problem, advice)


def megabytes(size: int) -> str:
    """A size in bytes for people, in the unit that the limits are stated in: `256 MiB`."""
    return f"{size / 2**20:,.1f}".removesuffix(".0") + " MiB"


_NO_MARK = "save it as UTF-8 without a byte order mark"
_MARKS: Final = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (b"\xff\xfe\x00\x00", "this is UTF-32, not UTF-8"),
    (b"\x00\x00\xfe\xff", "this is UTF-32, not UTF-8"),
    (b"\xff\xfe", "this is UTF-16, not UTF-8"),
    (b"\xfe\xff", "this is UTF-16, not UTF-8"),
    (b"\xef\xbb\xbf", "the text begins with a byte order mark"),
)
_SIGNATURES: Final = (
    (b"\x1f\x8b", "this is gzip-compressed data, not text", "decompress it first"),
    (b"PK\x03\x04", "this is a ZIP archive, not text", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "this is Zstandard-compressed data, not text", "decompress it first"),
)


def decoded(raw: bytes, name: str, *, limit: int = MAX_BYTES) -> str:
    """
    The text of UTF-8 bytes.

    Raises:
        Unreadable: more than `limit` bytes, a byte order mark, another encoding, a NUL, or binary data.
    """
    if len(raw) > limit:
        raise Unreadable(
            name,
            None,
            None,
            f"the text has {megabytes(len(raw))}, more than the {megabytes(limit)} that are read",
            "split it into several files",
        )
    for mark, problem in _MARKS:
        if raw.startswith(mark):
            raise Unreadable(name, 1, 1, problem, _NO_MARK)
    for mark, problem, advice in _SIGNATURES:
        if raw.startswith(mark):
            raise Unreadable(name, 1, 1, problem, advice)
    if encoding := _unmarked(raw[:4]):
        raise Unreadable(name, 1, 1, f"this looks like {encoding} without a byte order mark", "save it as UTF-8")
    nul = raw.find(b"\0")
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        if nul < 0 or error.start < nul:
            before = raw[: error.start].decode()
            raise unreadable(
                name,
                before,
                len(before),
                f"the byte 0x{raw[error.start]:02x} at byte offset {error.start} is not UTF-8",
                "save the text as UTF-8; another encoding, or binary data, cannot be read",
            ) from None
    if nul >= 0:
        before = raw[:nul].decode()
        raise unreadable(
            name,
            before,
            len(before),
            f"there is a NUL byte at byte offset {nul}: this is binary data, not text",
            "give a JSON or YAML text",
        )
    return text


def _unmarked(head: bytes) -> str:
    """UTF-16 or UTF-32 by the zeros among the first bytes: a text begins with ASCII characters."""
    match [byte == 0 for byte in head]:
        case [True, True, True, False] | [False, True, True, True]:
            return "UTF-32"
        case [True, False] | [False, True] | [True, False, True, False] | [False, True, False, True]:
            return "UTF-16"
    return ""
