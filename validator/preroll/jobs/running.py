"""
Linting many files: in one process or several, with the results in the order of the files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from preroll.jobs.files import STDIN, File
from preroll.jobs.linting import Linter, Options, Result
from preroll.jobs.texts import LINES

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.sharedctypes import Synchronized

    from preroll.registry import Registry

PART: Final = 16 << 20
"""Bytes of a file of lines that one process takes at once; a longer file is worked on by several."""

BATCH: Final = 64
"""Small files that one process takes at once."""

SMALL: Final = 1 << 20

MOST: Final = 61
"""Processes that are started at most, as Windows can wait for no more."""

GRACE: Final = 2.0
"""Seconds that a process has to stop after an interrupt."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or the lines between two offsets of one; `first` and `last` of its file."""

    file: File
    start: int = 0
    end: int | None = None
    first: bool = True
    last: bool = True


Batch = tuple[list[Part], "Future[list[list[Result]]]"]


def lint(
    linter: Linter, files: Iterable[File], processes: int = 1, *, remake: Callable[[], Registry] | None = None
) -> Iterator[Result]:
    """
    The results of every file, in the order of the files, whatever the number of processes.

    A file has one result, or several of which the last is `done`.

    Args:
        linter: what lints.
        files: what is linted; they are looked for while others are linted.
        processes: how many lint at once.
        remake: makes the linter's registry in a new process, where processes share nothing; it can be pickled.
            The bundled documents by default.
    """
    if processes > 1:
        yield from _joined(linter, _parallel(linter, files, min(processes, MOST), remake))
    else:
        yield from _joined(linter, ((Part(file), linter.lint(file)) for file in files))


def _parallel(
    linter: Linter, files: Iterable[File], processes: int, remake: Callable[[], Registry] | None
) -> Iterator[tuple[Part, Iterable[Result]]]:
    import multiprocessing
    import sys
    from concurrent.futures import ProcessPoolExecutor

    # Forked processes share what this one has read; elsewhere each reads it again.
    method = "fork" if sys.platform.startswith("linux") else "spawn"
    context = multiprocessing.get_context(method)
    others = set(multiprocessing.active_children())
    stop = context.Value("b", 0, lock=False)
    state = (linter.registry if method == "fork" else None, remake, linter.options, stop)
    waiting: deque[Batch] = deque()
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=state)
    whole = False
    try:
        for batch in _batches(_parts(files)):
            # Standard input belongs to this process.
            if batch[0].file.name == STDIN:
                yield from _drained(waiting)
                yield batch[0], linter.lint(batch[0].file)
                continue
            waiting.append((batch, pool.submit(_work, batch)))
            if len(waiting) > processes * 4:  # results wait for their turn in memory: not too many of them
                yield from _drained(waiting, 1)
        yield from _drained(waiting)
        whole = True
    except KeyboardInterrupt:
        stop.value = 1
        yield from _begun(waiting)
        raise
    finally:
        stop.value = 1
        if not whole:
            pool.shutdown(wait=False, cancel_futures=True)
            # One that is inside a long text does not see that it should stop.
            for each in set(multiprocessing.active_children()) - others:
                each.join(GRACE)
                each.terminate()
        # Left to the interpreter's exit, the pool's thread would meet what is closed there already.
        pool.shutdown(wait=True, cancel_futures=True)


def _drained(waiting: deque[Batch], number: int | None = None) -> Iterator[tuple[Part, Iterable[Result]]]:
    for _ in range(len(waiting) if number is None else number):
        batch, future = waiting[0]
        done = future.result()  # it stays in the queue until it is there: an interrupt comes while waiting
        waiting.popleft()
        yield from zip(batch, done, strict=True)


def _begun(waiting: deque[Batch]) -> Iterator[tuple[Part, Iterable[Result]]]:
    """What was found so far in what the processes work on; they have been told to stop."""
    import time
    from concurrent.futures import CancelledError
    from concurrent.futures.process import BrokenProcessPool

    until = time.monotonic() + GRACE
    cut: File | None = None
    for batch, future in waiting:
        try:
            done = [] if future.cancel() else future.result(max(0.0, until - time.monotonic()))
        except (TimeoutError, CancelledError, BrokenProcessPool):
            done = []
        for part, results in zip(batch, [*done, *([] for _ in batch[len(done) :])], strict=True):
            # Behind a gap in a file nobody knows the numbers of its lines.
            if part.first or part.file is not cut:
                yield part, results
            if not (results and results[-1].done):
                cut = part.file


def _parts(files: Iterable[File]) -> Iterator[Part]:
    for file in files:
        size = file.size() if file.form == LINES and not file.packed and not file.remote else 0
        if size <= PART:
            yield Part(file)
            continue
        edges = [0, *_edges(file, size), None]
        for index in range(len(edges) - 1):
            start = edges[index]
            assert start is not None
            yield Part(file, start, edges[index + 1], first=index == 0, last=index == len(edges) - 2)


def _edges(file: File, size: int) -> Iterator[int]:
    """Offsets at which lines begin, about every `PART` bytes."""
    try:
        with open(file.name, "rb", buffering=0) as stream:  # noqa: PTH123  # as it was given, bytes and all
            at = PART
            while at < size:
                stream.seek(at)
                while block := stream.read(1 << 16):
                    found = block.find(b"\n")
                    at += len(block) if found < 0 else found + 1
                    if found >= 0:
                        break
                else:
                    return
                if at < size:
                    yield at
                at += PART
    except OSError:  # it vanished or was locked: whoever reads it next will say so
        return


def _batches(parts: Iterable[Part]) -> Iterator[list[Part]]:
    batch: list[Part] = []
    for part in parts:
        small = part.end is None and part.first and part.file.name != STDIN and part.file.size() <= SMALL
        if batch and (not small or len(batch) >= BATCH):
            yield batch
            batch = []
        batch.append(part)
        if not small:
            yield batch
            batch = []
    if batch:
        yield batch


def _joined(linter: Linter, parts: Iterable[tuple[Part, Iterable[Result]]]) -> Iterator[Result]:
    """The results of every part, with the lines counted from the file's beginning."""
    lines = payloads = skipped = advised = 0
    for part, results in parts:
        if part.first:
            lines = payloads = skipped = advised = 0
        for result in results:
            advised = result.advised(advised, linter.options.advised)
            result.later(lines)
            payloads += result.payloads
            skipped += result.counts.get("skipped", 0)
            if result.done:
                lines += result.lines
                result.done = part.last
            if result.done and not payloads:
                result.empty = linter.nothing(part.file, skipped=skipped)
            yield result


_LINTER: Linter | None = None
_STOP: Any = None


def _begin(
    registry: Registry | None, remake: Callable[[], Registry] | None, options: Options, stop: Synchronized[int]
) -> None:
    """In a new process: an interrupt is the first process' business, which says when to stop."""
    import signal

    from preroll.registry import Registry

    global _LINTER, _STOP  # one linter a process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if registry is None:
        collect_rarely()  # a forked process has this from the first one; to collect would copy its whole memory
    _LINTER, _STOP = Linter(registry or (remake or Registry.bundled)(), options), stop


def _work(batch: list[Part]) -> list[list[Result]]:
    """The results of every part; when told to stop, those that are there."""
    assert _LINTER is not None
    done: list[list[Result]] = []
    for each in batch:
        if _STOP.value:
            break
        done.append([])
        for result in _LINTER.lint(each.file, each.start, each.end):
            done[-1].append(result)
            if _STOP.value:
                break
    return done


def collect_rarely() -> None:
    """
    Look for garbage less often: what linting makes is freed by counting references.

    For a process that does nothing else; a library leaves this to whoever owns the process.
    """
    import gc

    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
