"""
How fast are stored jobs linted, against reading them at all and against what else there is?

    python benchmarks/lint.py [--tasks 100000] [--bad 0.01] [--large GIGABYTES] [--files NUMBER] [--rounds 5]

One corpus (benchmarks/corpus.py), one core, one run; every number is also a multiple of `orjson.loads` over the same
lines. Seconds are processor time, the least of the rounds; those of a whole command are what a clock shows. The
peers do less: they are given the lines sorted by model beforehand, know no rules, and stop at what their engine says.
Slow ones see a sample, and their time is scaled up. Memory is the largest resident size of a process of
its own; `--large 2` writes a file of 2 GB beside the corpus and lints that, `--files 100000` a file for each task.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).parent))

import corpus
from preroll.jobs import Linter, Options, Walk, lint, named
from preroll.jobs.running import collect_rarely
from preroll.registry import Registry

SAMPLE = 2_000
"""Lines that slow peers see."""


def best(work: Callable[[], object], rounds: int) -> float:
    """Seconds of processor time of the fastest round."""
    return in_turns([work], rounds)[0]


def in_turns(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The same of several, each once in every round: a machine that wavers wavers for all of them."""
    times = [[spent(work) for work in works] for _ in range(rounds)]
    return [min(each) for each in zip(*times, strict=True)]


def spent(work: Callable[[], object]) -> float:
    """Seconds of processor time."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def by_model(lines: list[bytes], registry: Registry) -> dict[str, list[bytes]]:
    """The lines of each target, sorted beforehand for those that cannot do it themselves."""
    found: dict[str, list[bytes]] = {}
    for line in lines:
        target = next((each.name for each in registry.told("model", orjson.loads(line).get("model"))), "")
        if target:
            found.setdefault(target, []).append(line)
    return found


Row = tuple[str, float, str]


def peers(lines: list[bytes], registry: Registry, rounds: int) -> Iterator[Row]:
    """Name, seconds for all lines, and what the peer leaves out."""
    sorted_lines = by_model(lines, registry)
    schemas = {name: registry.schema(registry.targets[name]) for name in sorted_lines}
    sample = {name: each[: max(1, SAMPLE * len(each) // len(lines))] for name, each in sorted_lines.items()}
    share = len(lines) / sum(map(len, sample.values()))
    yield from of_jsonschema_rs(sorted_lines, schemas, rounds)
    if importlib.util.find_spec("fastjsonschema"):
        yield of_fastjsonschema(sample, schemas, share)
    yield of_jsonschema(sample, schemas, share)
    if importlib.util.find_spec("check_jsonschema"):
        yield of_check_jsonschema(sample, schemas, share)


def of_jsonschema_rs(sorted_lines: dict[str, list[bytes]], schemas: dict[str, Any], rounds: int) -> Iterator[Row]:
    import jsonschema_rs

    fast = {name: jsonschema_rs.Draft202012Validator(each, validate_formats=True) for name, each in schemas.items()}

    def verdicts() -> None:
        for name, each in sorted_lines.items():
            is_valid = fast[name].is_valid
            for line in each:
                is_valid(orjson.loads(line))

    def errors() -> None:
        for name, each in sorted_lines.items():
            is_valid, iter_errors = fast[name].is_valid, fast[name].iter_errors
            for line in each:
                value = orjson.loads(line)
                if not is_valid(value):
                    for error in iter_errors(value):
                        str(error)

    yield "jsonschema-rs, verdict only", best(verdicts, rounds), "no rules, no errors, sorted beforehand"
    yield "jsonschema-rs, raw errors", best(errors, rounds), "no rules, no positions, sorted beforehand"


def of_fastjsonschema(sample: dict[str, list[bytes]], schemas: dict[str, Any], share: float) -> Row:
    import fastjsonschema

    try:
        checks = {name: fastjsonschema.compile(without_ids(each)) for name, each in schemas.items()}
    except Exception as problem:  # noqa: BLE001  # what it cannot compile is part of the answer
        return "fastjsonschema", float("nan"), f"cannot compile these schemas: {str(problem)[:60]}"

    def first_errors() -> None:
        for name, each in sample.items():
            for line in each:
                with contextlib.suppress(fastjsonschema.JsonSchemaValueException):
                    checks[name](orjson.loads(line))

    return "fastjsonschema", best(first_errors, 1) * share, f"the first error only; {SAMPLE:,} lines, scaled"


def of_jsonschema(sample: dict[str, list[bytes]], schemas: dict[str, Any], share: float) -> Row:
    from jsonschema import Draft202012Validator

    checker = Draft202012Validator.FORMAT_CHECKER
    slow = {name: Draft202012Validator(each, format_checker=checker) for name, each in schemas.items()}

    def reference() -> None:
        for name, each in sample.items():
            for line in each:
                list(slow[name].iter_errors(json.loads(line)))

    return "jsonschema", best(reference, 1) * share, f"no rules, no positions; {SAMPLE:,} lines, scaled"


def of_check_jsonschema(sample: dict[str, list[bytes]], schemas: dict[str, Any], share: float) -> Row:
    took = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, each in sample.items():
            schema, instance = Path(folder, "schema.json"), Path(folder, "tasks.json")
            schema.write_text(json.dumps({"type": "array", "items": without_ids(schemas[name])}))
            instance.write_bytes(b"[" + b",".join(each) + b"]")
            command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(schema), str(instance)]
            begun = time.perf_counter()
            subprocess.run(command, capture_output=True, check=False)
            took += time.perf_counter() - begun
    note = f"a file of tasks for each model; {SAMPLE:,} lines, scaled with the start-up"
    return "check-jsonschema", took * share, note


def without_ids(schema: Any) -> Any:
    """A schema without `$id`s, which some peers would fetch from the network, and without annotations."""
    if isinstance(schema, dict):
        return {key: without_ids(each) for key, each in schema.items() if key not in ("$id", "definitions", "default")}
    return [without_ids(each) for each in schema] if isinstance(schema, list) else schema


def linted(path: Path, processes: int = 1, **options: Any) -> dict[str, int]:
    """Lint a file as the command does, without writing anything: payloads by verdict, and those told of."""
    counts: dict[str, int] = {"told": 0}
    linter = Linter(Registry.bundled(), Options(**options))
    for result in lint(linter, [named(str(path))], processes):
        counts["told"] += len(result.entries)
        for verdict, number in result.counts.items():
            counts[verdict] = counts.get(verdict, 0) + number
    return counts


def first_time(*paths: Path) -> list[float]:
    """Seconds of linting each of some files once, in a process that has just loaded the documents."""
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1]); import lint; from pathlib import Path;"
        "lint.collect_rarely(); lint.Registry.bundled();"
        "print(*(lint.spent(lambda: lint.linted(Path(each), advised=0)) for each in sys.argv[2:]))"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent), *map(str, paths)]
    return [*map(float, subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())]


def of_files(folder: Path, lines: list[bytes]) -> Iterator[Row]:
    """A file for each task: reading them one by one, and linting them."""
    folder.mkdir()
    paths = []
    for number, line in enumerate(lines):
        owner = folder / f"{number // 1000:03d}"
        owner.mkdir(exist_ok=True)
        paths.append(owner / f"{number:06d}.json")
        paths[-1].write_bytes(line)

    def read() -> None:
        for each in paths:
            orjson.loads(each.read_bytes())

    def linted_all() -> None:
        linter = Linter(Registry.bundled(), Options(advised=0))
        for _ in lint(linter, Walk(fits=linter.options.settings.fits).files((str(folder),))):
            pass

    unit = best(read, 2)
    yield "a file for each task, read", unit, f"{len(paths):,} files, one by one"
    seconds = best(linted_all, 2)
    yield "a file for each task, linted", seconds, f"{seconds / unit:.1f} times as long as reading them"


def command(path: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and largest size in MiB of the whole command, in a process of its own, writing its text to a file."""
    # Not `ru_maxrss`: that begins with the size of the process that started this one.
    script = (
        "import re, sys; from preroll.cli import main; main(sys.argv[1:]);"
        r"sys.stderr.write(re.search(r'VmHWM:\s+(\d+)', open('/proc/self/status').read())[1])"
    )
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", script, "lint", str(path), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    return time.perf_counter() - begun, int(done.stderr.split()[-1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--bad", type=float, default=0.01)
    parser.add_argument("--large", type=float, default=0, metavar="GIGABYTES")
    parser.add_argument("--files", type=int, default=0, metavar="NUMBER")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    registry = Registry.bundled()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tasks.jsonl")
        corpus.write(path, count=given.tasks, bad=given.bad)
        lines = path.read_bytes().splitlines()
        size = path.stat().st_size
        print(f"{len(lines):,} tasks, {size / 2**20:.1f} MiB, {given.bad:.1%} bad; {os.cpu_count()} cores\n")

        def read() -> None:
            loads = orjson.loads
            for line in lines:
                loads(line)

        clean, spaced = Path(folder, "clean.jsonl"), Path(folder, "spaced.jsonl")
        corpus.write(clean, count=given.tasks, bad=0)
        corpus.write(spaced, count=given.tasks, bad=given.bad, spaced=True)
        collect_rarely()
        counts = linted(path, advised=0)
        told = ", ".join(f"{number:,} {verdict}" for verdict, number in counts.items())
        works = [read, *(lambda each=each: linted(each, advised=0) for each in (path, clean, spaced))]
        unit, *seconds_of = in_turns(works, given.rounds)
        names = ("preroll lint", "  no bad ones", "  blanks after commas and colons")
        notes = (f"everything but fixes; {told}", "", "")
        rows: list[Row] = list(zip(names, seconds_of, notes, strict=True))
        another = Path(folder, "another.jsonl")
        corpus.write(another, count=given.tasks, bad=given.bad, seed=2)
        first, second = map(min, zip(*(first_time(path, another) for _ in range(given.rounds)), strict=True))
        rows.append(("  the first time in a process", first, "every kind of fault is explained for the first time"))
        rows.append(("  another file after that", second, "kinds of fault that were in the first are known"))
        for name, options in (("  the whole command, text", ()), ("  the same, --jobs 2", ("--jobs", "2"))):
            seconds, memory = min(command(path, *options) for _ in range(given.rounds))
            note = f"start-up, sentences, fixes for some included; {memory:.0f} MiB at most"
            rows.append((name, seconds, note))
        rows += peers(lines, registry, given.rounds)
        if given.files:
            rows += of_files(Path(folder, "files"), lines[: given.files])
        print(f"{'':34}{'seconds':>9}{'x loads':>9}")
        for name, seconds, note in [("orjson.loads", unit, "every line parsed and dropped"), *rows]:
            print(f"{name:34}{seconds:9.3f}{seconds / unit:9.1f}  {note}")
        if given.large:
            large = Path(folder, "large.jsonl")
            with large.open("wb") as file:
                for _ in range(round(given.large * 2**30 / size)):
                    file.write(path.read_bytes())
            seconds, memory = command(large)
            print(f"{large.stat().st_size / 2**30:.2f} GiB: {seconds:.1f} s, {memory:.0f} MiB at most")


if __name__ == "__main__":
    main()
