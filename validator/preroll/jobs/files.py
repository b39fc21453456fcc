"""
Files: what they are called, how their bytes are read, and where one line ends and the next begins.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final, cast

from preroll.jobs.texts import JSON, JSONC, LINES, YAML
from preroll.unreadable import MAX_BYTES, Unreadable, megabytes

ENDINGS: Final = {
    ".json": JSON,
    ".jsonc": JSONC,
    ".jsonl": LINES,
    ".ndjson": LINES,
    ".yaml": YAML,
    ".yml": YAML,
}
"""The endings of job files; each may be followed by one of `PACKED`."""

PACKED: Final = (".gz", ".zst")

BLOCK: Final = 1 << 19
"""Bytes that are read at once; what is in memory of a file of lines is a few times that, or its longest line."""

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class File:
    """
    A file to lint.

    Attributes:
        name: as the user knows it: a path, a URL, or `-`.
        form: one of `preroll.jobs.texts`' formats; "" to find out from the content.
        packed: `.gz`, `.zst` or "".
        remote: whether `name` is a URL.
    """

    name: str
    form: str
    packed: str = ""
    remote: bool = False

    @property
    def shown(self) -> str:
        """The name as text that can be written anywhere: bytes that are no UTF-8 are escaped."""
        return self.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """
        The unpacked bytes.

        Raises:
            Unreadable: there is no such file, it may not be read, or what unpacks it is missing.
        """
        stream = self._raw()
        try:
            if self.packed == ".gz":
                import gzip

                yield cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
            elif self.packed == ".zst":
                yield _zstd(self.shown, stream)
            else:
                yield stream
        finally:
            if self.name != STDIN:
                stream.close()

    def _raw(self) -> IO[bytes]:
        if self.name == STDIN:
            import sys

            return sys.stdin.buffer
        if self.remote:
            return opened(self.name)
        try:
            # Without waiting: a named pipe would otherwise block until somebody writes to it.
            handle = os.open(self.name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise Unreadable(self.shown, None, None, *_reason(error)) from None
        except ValueError:
            raise Unreadable(self.shown, None, None, "this is no path: it holds a NUL", "check the path") from None
        from stat import S_ISREG

        if not S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            problem = "this is a pipe or a device, not a regular file"
            raise Unreadable(self.shown, None, None, problem, "use '-' to read standard input")
        return os.fdopen(handle, "rb", buffering=0)

    def size(self) -> int:
        """Bytes on the disk; 0 where that is not known."""
        try:
            return 0 if self.remote or self.name == STDIN else os.stat(self.name).st_size  # noqa: PTH116  # as given
        except (OSError, ValueError):
            return 0


def _reason(error: OSError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "there is no such file", "check the path"
    if isinstance(error, PermissionError):
        return "the file may not be read", "give yourself the permission to read it"
    if isinstance(error, IsADirectoryError):
        return "this is a folder, not a file", "name a file inside it"
    return f"the file cannot be read: {(error.strerror or 'unknown reason').lower()}", "check the path"


def _zstd(name: str, stream: IO[bytes]) -> IO[bytes]:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # Python 3.14 and later
    except ImportError:
        try:
            from backports import zstd
        except ImportError:
            advice = "install it with: pip install backports.zstd"
            raise Unreadable(name, None, None, "nothing is installed that reads Zstandard", advice) from None
    opened: IO[bytes] = zstd.ZstdFile(stream)
    return opened


def opened(url: str) -> IO[bytes]:
    """
    The bytes behind a URL that `fsspec` knows (`s3://`, `gs://`, `https://`, `memory://`, ...).

    Raises:
        Unreadable: fsspec, or what it needs for this kind of URL, is not installed; or there is no such file.
    """
    try:
        stream: IO[bytes] = filesystem(url)[0].open(filesystem(url)[1], "rb")
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001  # every file system raises errors of its own
        problem = " ".join(str(error).split())[:200] or type(error).__name__
        raise Unreadable(url, None, None, f"it cannot be opened: {problem}", "check the URL") from None
    return stream


def filesystem(url: str) -> tuple[Any, str]:
    """
    The `fsspec` file system of a URL, and the path in it.

    Raises:
        Unreadable: fsspec, or what it needs for this kind of URL, is not installed.
    """
    try:
        import fsspec
    except ImportError:
        advice = "install it with: pip install 'preroll[remote]'"
        raise Unreadable(url, None, None, "reading URLs needs fsspec", advice) from None
    try:
        found = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise Unreadable(url, None, None, f"it cannot be read: {error}", "check the URL") from None
    return found[0], str(found[1])


def is_url(name: str) -> bool:
    """Whether an argument is a URL, as opposed to a path."""
    scheme, colon, _ = name.partition("://")
    return bool(colon) and scheme.replace("+", "").replace("-", "").isalnum()


def named(name: str) -> File:
    """A file by its name, whatever its ending: text without a known ending is read as JSON."""
    return _of(name) or File(name, "" if name == STDIN else JSON, _packing(name)[1], is_url(name))


def known(name: str) -> File | None:
    """A file whose ending says that it may hold jobs, or None."""
    return _of(name)


def _packing(name: str) -> tuple[str, str]:
    lowered = name.lower()
    for each in PACKED:
        if lowered.endswith(each):
            return lowered.removesuffix(each), each
    return lowered, ""


def _of(name: str) -> File | None:
    plain, packed = _packing(name)
    dot = plain.rfind(".")
    form = ENDINGS.get(plain[dot:]) if dot >= 0 else None
    return File(name, form, packed, is_url(name)) if form else None


def whole(stream: IO[bytes], name: str) -> bytes:
    """
    All bytes of a stream.

    Raises:
        Unreadable: there are more than `MAX_BYTES`, or they cannot be unpacked.
    """
    parts, size = list[bytes](), 0
    while block := _block(stream, name):
        parts.append(block)
        size += len(block)
        if size > MAX_BYTES:
            problem = f"the file has more than the {megabytes(MAX_BYTES)} that are read"
            raise Unreadable(name, None, None, problem, "put one payload on each line of a .jsonl file")
    return b"".join(parts)


def blocks(stream: IO[bytes], name: str, limit: int | None = None) -> Iterator[tuple[list[bytes], bool]]:
    """
    The lines of a stream, with their line feeds, as many at once as a block holds.

    Args:
        stream: where to read on.
        name: what messages call it.
        limit: how many bytes to read at most; all of them by default.

    Yields:
        Lines, and whether the last of them is only the beginning of one that is too long to be read; the rest
        of such a line is passed over.

    Raises:
        Unreadable: the bytes cannot be unpacked; the lines before the fault have been given.
    """
    carried: list[bytes] = []
    held = 0
    skipping = False
    left = limit
    while block := _block(stream, name, BLOCK if left is None else min(BLOCK, left)):
        if left is not None:
            left -= len(block)
        if skipping:
            _, begun, block = block.partition(b"\n")
            if not begun:
                continue
            skipping = False
        if b"\n" not in block:
            carried.append(block)
            held += len(block)
            if held > MAX_BYTES:
                yield [b"".join(carried)[:SAMPLE]], True
                carried, held, skipping = [], 0, True
            continue
        lines = io.BytesIO(block).readlines()  # it looks for line feeds faster than `split`
        if carried:
            lines[0] = b"".join((*carried, lines[0]))
            carried, held = [], 0
        if not block.endswith(b"\n"):
            carried = [lines.pop()]
            held = len(carried[0])
        yield lines, False
    if carried:
        yield [b"".join(carried)], False


SAMPLE: Final = 200
"""Bytes that are kept of a line that is too long."""


def _block(stream: IO[bytes], name: str, size: int = BLOCK) -> bytes:
    try:
        # What is there already, where the stream can say so: before a fault in packed data there may be much.
        return (getattr(stream, "read1", None) or stream.read)(size)
    except EOFError:
        raise Unreadable(name, None, None, "the compressed data ends too early", "fetch or pack it again") from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # each unpacker has its own, and so has each remote file system
        said = _said(error)
        if type(error).__name__ in ("error", "ZstdError"):
            problem, advice = f"the compressed data is broken: {said}", "fetch or pack it again"
        else:
            problem, advice = f"it cannot be read: {said}", "check the file"
        raise Unreadable(name, None, None, problem, advice) from None


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
