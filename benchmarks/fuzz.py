"""
Payloads: how many are valid, what do they reach, and how fast are they made?

For every bundled target, as published and as intended, in processor time: the seconds to the first valid payload (in a
new process, its imports apart), the milliseconds for each further one, how many of them are valid under both engines,
the ways that they went, the faults that are broken alone, proved impossible or listed, and the size of the minimal
suite beside its bound. Every negative is proved anew: with the assertion taken out of the schema the interpreter
accepts it.

Beside it, on the same documents in the same run: hypothesis-jsonschema and Schemathesis, each in a process of its own
that is ended after a minute of processor time. Schemathesis makes payloads of a whole operation, once for all of its
branches. They may be installed elsewhere: PREROLL_SCHEMATHESIS and PREROLL_HYPOTHESIS_JSONSCHEMA name a Python that
has one.

    python benchmarks/fuzz.py [PART-OF-A-TARGET'S-NAME] [--count 10000] [--alone]
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
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
"""Seconds of processor time that another generator gets for one target."""

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
import json, resource, sys, time, warnings
resource.setrlimit(resource.RLIMIT_CPU, ({patience}, {patience}))
warnings.simplefilter("ignore")
from hypothesis import HealthCheck, Phase, given, settings
started = time.process_time()
{setup}
times = []
payloads = []
@settings(max_examples=100, database=None, deadline=None, derandomize=True, phases=[Phase.generate],
          suppress_health_check=list(HealthCheck))
@given(strategy)
def collect(payload):
    times.append(time.process_time())
    payloads.append(payload)
collect()
each = (times[-1] - times[0]) / max(len(times) - 1, 1)
print(json.dumps({{"first": times[0] - started, "each": each, "payloads": payloads}}, default=lambda _: None))
"""


FIRST = """
import sys, time
started = time.process_time()
import z3
from hypothesis import Phase, given, settings
from preroll.registry import Registry
from preroll_fuzz import invalid_payloads, valid_payloads
registry = Registry.bundled()
import preroll_fuzz.negatives, preroll_fuzz.payloads
imported = time.process_time()
@settings(max_examples=1, database=None, phases=[Phase.generate])
@given(valid_payloads(sys.argv[1], as_published=bool(sys.argv[2])))
def first(payload):
    print(imported - started, time.process_time() - imported)
first()
"""


def first_example(name: str, *, published: bool) -> tuple[float, float]:
    """The seconds for the imports and from there to the first payload, in a new process; the best of five."""
    command = [sys.executable, "-c", FIRST, name, "published" * published]
    runs = [subprocess.run(command, capture_output=True, check=True, text=True).stdout.split() for _ in range(5)]
    return min(float(each[0]) for each in runs), min(float(each[1]) for each in runs)


@dataclass
class Totals:
    """What all rows add up to."""

    payloads: int = 0
    valid: int = 0
    told: int = 0
    judged: int = 0
    ways: int = 0
    reached: int = 0
    faults: int = 0
    alone: int = 0
    proved: int = 0
    listed: int = 0
    suite: int = 0
    bound: int = 0
    first: float = 0.0
    each: float = 0.0


def measured(name: str, totals: Totals, *, published: bool, count: int) -> None:
    registry = Registry.bundled()
    target = registry.targets[name]
    engine = registry.engine(target, published=published)
    reference = dialect.reference(registry.schema(target, published=published))
    plan.cache_clear()
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
        times.append(time.process_time())
        drawn.append(payload)

    collect()
    each = (times[-1] - times[0]) / max(len(times) - 1, 1)
    _, first = first_example(name, published=published)
    options = Options(published, day(None))
    [ours] = plans_of(registry, target, options)
    tasks = [task_of(ours, payload) for payload in drawn]
    valid = sum(engine.is_valid(task) and reference.is_valid(task) for task in tasks)
    told = sum(check(payload, target, as_published=published).verdict == "valid" for payload in drawn[:500])
    ways = {ours.active(task) for task in tasks}

    started = time.process_time()
    suite = Suite(registry, target, options)
    known = suite.known[0]
    bases, missing = known.bases, known.missing
    faults = time.process_time() - started
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
    totals.payloads += len(drawn)
    totals.valid += valid
    totals.told += told
    totals.judged += len(drawn[:500])
    totals.ways += len(ours.ways)
    totals.reached += len(ways)
    totals.faults += len(bases)
    totals.alone += alone
    totals.proved += proved
    totals.listed += len(missing) - proved
    totals.suite += len(minimal)
    totals.bound += len(bases) + len(ours.ways)
    totals.first, totals.each = max(totals.first, first), max(totals.each, each)
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


def others(name: str, seen: set[str]) -> None:
    registry = Registry.bundled()
    target = registry.targets[name]
    operation = f"{target.document} {target.method} {target.path}"
    with tempfile.TemporaryDirectory() as folder:
        schema, document = Path(folder, "schema.json"), Path(folder, "document.json")
        schema.write_text(json.dumps(registry.schema(target, published=True)))
        document.write_text(json.dumps(registry.document(target).raw))
        for title, setup in OTHERS.items():
            whole = title == "schemathesis"
            if whole and operation in seen:
                continue
            seen.add(operation if whole else "")
            python = os.environ.get(f"PREROLL_{title.upper().replace('-', '_')}", sys.executable)
            command = [
                python,
                "-c",
                RUN.format(setup=setup, patience=PATIENCE),
                str(schema),
                str(document),
                target.path,
                target.method,
            ]
            done = subprocess.run(command, capture_output=True, check=False)
            if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
                print(f"    {title:24} stopped after {PATIENCE} s without having finished", flush=True)
                continue
            if done.returncode:
                told = [line for line in done.stderr.decode().splitlines() if re.match(r"[\w.]+: ", line)]
                print(f"    {title:24} fails: {told[-1] if told else done.returncode}", flush=True)
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
    totals, seen = Totals(), set[str]()
    print(f"{'target':56} {'view':9}", *(f"{title:>{width}}" for title, width in columns))
    for name, target in Registry.bundled().targets.items():
        if not target.described or target.companion or target.branches or not all(each in name for each in wanted):
            continue
        for published in (True, False):
            measured(name, totals, published=published, count=count)
        if "--alone" not in arguments:
            others(name, seen)
    print(
        f"{totals.valid} of {totals.payloads} payloads valid under both engines, {totals.told} of {totals.judged} by "
        f"`preroll check`; {totals.reached} of {totals.ways} ways; {totals.faults} faults broken alone, {totals.alone} "
        f"proved again; {totals.proved} proved impossible, {totals.listed} listed; suites of {totals.suite} payloads "
        f"(at most {totals.bound}); the slowest first example {totals.first:.2f} s, the slowest further one "
        f"{totals.each * 1000:.2f} ms"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(sys.argv[1:])
