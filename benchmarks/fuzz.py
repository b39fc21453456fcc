"""
Payloads: how many are valid, what do they reach, and how fast are they made?

For every bundled target, as published and as intended: the seconds to the first valid payload, the milliseconds for
each further one, how many of them are valid under both engines, the ways that they went, the faults that are broken
alone, proved impossible or listed, and the size of the minimal suite beside its bound. Every negative is proved anew:
with the assertion taken out of the schema the interpreter accepts it.

Beside it, on the same documents in the same run: hypothesis-jsonschema and Schemathesis, each in a process of its own
that is ended after a minute. Schemathesis makes payloads of a whole operation, so the branches of one share a row's
numbers. It may be installed elsewhere: PREROLL_SCHEMATHESIS names a Python that has it.

    python benchmarks/fuzz.py [PART-OF-A-TARGET'S-NAME] [--count 10000] [--alone]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from preroll import check, dialect
from preroll.constraints.witness import Confirmation
from preroll.judgement import day
from preroll.registry import Registry
from preroll_fuzz import valid_payloads
from preroll_fuzz.faults import Faults
from preroll_fuzz.payloads import plans_of
from preroll_fuzz.plan import Options, plan
from preroll_fuzz.suite import Suite, task_of

PATIENCE = 60
"""Seconds that another generator gets for one target."""

OTHERS = {
    "hypothesis-jsonschema": """
from hypothesis_jsonschema import from_schema
strategy = from_schema(json.load(open(sys.argv[1])))
""",
    "schemathesis": """
import schemathesis
document = json.load(open(sys.argv[2]))
strategy = schemathesis.openapi.from_dict(document)[sys.argv[3]][sys.argv[4]].as_strategy().map(lambda case: case.body)
""",
}

RUN = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
from hypothesis import HealthCheck, Phase, given, settings
started = time.perf_counter()
{setup}
times = []
payloads = []
@settings(max_examples=100, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))
@given(strategy)
def collect(payload):
    times.append(time.perf_counter())
    payloads.append(payload)
collect()
each = (times[-1] - times[0]) / max(len(times) - 1, 1)
print(json.dumps({{"first": times[0] - started, "each": each, "payloads": payloads}}, default=lambda _: None))
"""


def measured(name: str, *, published: bool, count: int) -> None:
    registry = Registry.bundled()
    target = registry.targets[name]
    engine = registry.engine(target, published=published)
    reference = dialect.reference(registry.schema(target, published=published))
    plan.cache_clear()
    started = time.perf_counter()
    times: list[float] = []
    drawn: list[Any] = []

    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(valid_payloads(name, as_published=published))
    def collect(payload: Any) -> None:
        times.append(time.perf_counter())
        drawn.append(payload)

    collect()
    first, each = times[0] - started, (times[-1] - times[0]) / max(len(times) - 1, 1)
    options = Options(published, day(None))
    [ours] = plans_of(registry, target, options)
    tasks = [task_of(ours, payload) for payload in drawn]
    valid = sum(engine.is_valid(task) and reference.is_valid(task) for task in tasks)
    told = sum(check(payload, target, as_published=published).verdict == "valid" for payload in drawn[:500])
    ways = {ours.active(task) for task in tasks}

    started = time.perf_counter()
    suite = Suite(registry, target, options)
    known = suite.known[0]
    bases, missing = known.bases, known.missing
    faults = time.perf_counter() - started
    proved = sum(each.proved for each in missing)
    alone = sum(proved_alone(known, base) for base in bases)
    minimal = list(suite.minimal())
    print(
        f"{name:56} {'published' if published else 'intended':9} {first:6.2f} {each * 1000:6.2f} "
        f"{valid:6}/{len(drawn):<6} {told:4} {len(ways):3}/{len(ours.ways):<3} "
        f"{100 * ours.tally.left_out / max(ours.tally.drawn, 1):5.2f} {len(bases):4} {alone:4} {proved:4} "
        f"{len(missing) - proved:3} {faults:6.2f} {len(minimal):4} {len(bases) + len(ours.ways):4}",
        flush=True,
    )
    for each_missing in missing:
        if not each_missing.proved:
            print(f"    listed: {each_missing.broken.rule or each_missing.broken.source}: {each_missing.reason}")


def proved_alone(known: Faults, base: Any) -> bool:
    """Whether a payload is refused, and accepted without the one assertion."""
    model = known.model
    if base.whole:
        return check(base.task, known.plan.target).verdict == "invalid"
    if base.broken.rule:
        return bool(known.plan.engine.is_valid(base.task)) and known.alone(base.broken, base.task)
    if known.plan.engine.is_valid(base.task) or not model.follows(base.task):
        return False
    return Confirmation(model.reading, base.broken).holds(model.formula, base.task)


def others(name: str) -> None:
    registry = Registry.bundled()
    target = registry.targets[name]
    with tempfile.TemporaryDirectory() as folder:
        schema, document = Path(folder, "schema.json"), Path(folder, "document.json")
        schema.write_text(json.dumps(registry.schema(target, published=True)))
        document.write_text(json.dumps(registry.document(target).raw))
        for title, setup in OTHERS.items():
            whole = title == "schemathesis"
            python = os.environ.get("PREROLL_SCHEMATHESIS", sys.executable) if whole else sys.executable
            command = [python, "-c", RUN.format(setup=setup), schema, document, target.path, target.method]
            try:
                done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
            except subprocess.TimeoutExpired:
                print(f"    {title:24} nothing after {PATIENCE} s", flush=True)
                continue
            if done.returncode:
                problem = done.stderr.decode().strip().splitlines()
                print(f"    {title:24} fails: {problem[-1] if problem else done.returncode}", flush=True)
                continue
            result = json.loads(done.stdout.splitlines()[-1])
            payloads = result["payloads"]
            owner = registry.targets[target.branch_of] if target.branch_of else target
            pointer = owner.body if whole else target.schema
            valid = sum(map(registry.engine(owner, pointer, published=True).is_valid, payloads))
            empty = sum(payload in ([], {}, None) for payload in payloads)
            print(
                f"    {title:24} first {result['first']:6.2f} s, each {result['each'] * 1000:7.2f} ms, "
                f"{valid} of {len(payloads)} valid, {empty} of them empty",
                flush=True,
            )


def main(arguments: list[str]) -> None:
    count = int(arguments[arguments.index("--count") + 1]) if "--count" in arguments else 10_000
    wanted = [each for each in arguments if not each.startswith("--") and not each.isdecimal()]
    columns = (
        ("first", 6), ("ms", 6), ("both engines", 13), ("check", 4), ("ways", 7), ("left%", 5), ("one", 4),
        ("again", 4), ("none", 4), ("?", 3), ("s", 6), ("min", 4), ("max", 4),
    )  # fmt: skip
    print(f"{'target':56} {'view':9}", *(f"{title:>{width}}" for title, width in columns))
    for name, target in Registry.bundled().targets.items():
        if not target.described or target.companion or target.branches or not all(each in name for each in wanted):
            continue
        for published in (True, False):
            measured(name, published=published, count=count)
        if "--alone" not in arguments:
            others(name)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1:])
