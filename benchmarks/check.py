"""
How long does one payload take, good and bad, beside the bare engines that only say valid or list raw errors?

    python benchmarks/check.py [SECONDS]

Every column works on the same parsed payloads of `examples/`, in one run, round by round. The bare engines judge by the
schema as published, with formats: no target to find, no corrections, no rules, no envelope, no words.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import preroll
from preroll import words
from preroll.registry import Registry

ROOT = Path(__file__).resolve().parents[1]
TODAY = "2026-10-01"

Work = Callable[[], object]


def payloads(folder: str) -> list[tuple[Any, str]]:
    """The job files of a folder that name their target, with it."""
    found = []
    for path in sorted((ROOT / "examples" / folder).glob("*.json")):
        payload = json.loads(path.read_text(encoding="utf-8"))
        report = preroll.check(payload, today=TODAY)
        if report.target and (folder == "good") is (report.verdict == "valid"):
            found.append((payload, report.target))
    return found


def bare_reference(registry: Registry, target: str) -> Any:
    """Plain `jsonschema` with its own format checker, on the published schema of the whole body."""
    from jsonschema import Draft202012Validator

    known = registry.targets[target]
    schema = registry.schema(known, known.body, published=True)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def bare_fast(registry: Registry, target: str) -> Any:
    """Plain `jsonschema_rs`, on the same."""
    import jsonschema_rs

    known = registry.targets[target]
    schema = registry.schema(known, known.body, published=True)
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def columns(registry: Registry, jobs: list[tuple[Any, str]]) -> dict[str, list[Work]]:
    """What is timed: for each column a piece of work for each payload."""
    targets = {target for _, target in jobs}
    fast = {target: bare_fast(registry, target) for target in targets}
    reference = {target: bare_reference(registry, target) for target in targets}
    raws = {id(payload): json.dumps(payload, indent=2).encode() for payload, _ in jobs}

    def every(make: Callable[[Any, str], Work]) -> list[Work]:
        return [make(payload, target) for payload, target in jobs]

    return {
        "jsonschema_rs: is_valid": every(lambda payload, target: lambda: fast[target].is_valid(payload)),
        "jsonschema_rs: all errors": every(lambda payload, target: lambda: list(fast[target].iter_errors(payload))),
        "jsonschema: is_valid": every(lambda payload, target: lambda: reference[target].is_valid(payload)),
        "jsonschema: all errors": every(lambda payload, target: lambda: list(reference[target].iter_errors(payload))),
        "preroll.check, target given": every(
            lambda payload, target: lambda: preroll.check(payload, target, today=TODAY)
        ),
        "preroll.check, target found": every(lambda payload, _: lambda: preroll.check(payload, today=TODAY)),
        "  and its words": every(lambda payload, target: lambda: spoken(preroll.check(payload, target, today=TODAY))),
        "  and its fixes": every(lambda payload, target: lambda: preroll.check(payload, target, today=TODAY).fixes()),
        "preroll.check_bytes": every(
            lambda payload, target: lambda: preroll.check_bytes(raws[id(payload)], target, today=TODAY)
        ),
    }


def spoken(report: preroll.Report) -> list[str]:
    """All that a report says, as sentences."""
    return [
        sentence
        for each in report.violations
        for sentence in (words.message(each), *map(words.because, each.because), *words.help_lines(each))
    ]


def timed(works: dict[str, list[Work]], limit: float) -> dict[str, float]:
    """Median seconds per payload of each column: of rounds over all payloads, the columns taking turns."""
    rounds: dict[str, list[float]] = {name: [] for name in works}
    for each in works.values():
        for work in each:
            work()
    until = time.perf_counter() + limit
    while time.perf_counter() < until or len(next(iter(rounds.values()))) < 3:
        for name, each in works.items():
            started = time.perf_counter()
            for work in each:
                work()
            rounds[name].append((time.perf_counter() - started) / len(each))
    return {name: statistics.median(each) for name, each in rounds.items()}


def main(arguments: list[str]) -> int:
    limit = float(arguments[0]) if arguments else 5
    registry = Registry.bundled()
    found = {}
    for folder in ("good", "bad"):
        jobs = payloads(folder)
        found[folder] = (len(jobs), timed(columns(registry, jobs), limit))
    print(f"{'microseconds per payload':30} {'good':>10} {'':>7} {'bad':>10} {'':>7}")
    print(f"{'':30} {found['good'][0]:>10} {'ratio':>7} {found['bad'][0]:>10} {'ratio':>7}")
    bases = {folder: each["jsonschema_rs: is_valid"] for folder, (_, each) in found.items()}
    for name in found["good"][1]:
        line = f"{name:30}"
        for folder in ("good", "bad"):
            seconds = found[folder][1][name]
            line += f" {seconds * 1e6:10.1f} {seconds / bases[folder]:6.1f}x"
        print(line)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
