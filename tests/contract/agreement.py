"""
Do document, rules and service agree? `python -m tests.contract.agreement` writes the table of docs/contract.md anew.

Every bundled target is asked in every stage, by the documents as intended and as published, of two services: the
simulated one, which goes by the documents as intended, and Prism, which goes by them as published. Where a view meets a
service of the other view they must disagree, and exactly where a correction, a rule or a named deviation says so.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tests.contract import prism
from tests.contract.simulator import PUBLISHED, VIEWS, Simulator, documents
from tests.contract.simulator.schema import problems

import preroll
from preroll import registry as registries
from preroll.cli import main
from preroll.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "contract.md"
TODAY = date(2025, 6, 15)

SIMULATED, PRISM = "simulated", "Prism"

CORRECTIONS: dict[documents.Mend, str] = {
    documents.sizes_only_where_given: "frame-images-impossible",
    documents.video_brings_its_size: "size-of-edited-video-demanded",
    documents.settings_that_say_nothing: "empty-provider-settings-refused",
    documents.layer_may_be_null: "slg-layer-null-refused",
    documents.one_frame_a_second: "frame-rate-without-minimum",
    documents.seed_of_64_bits: "seed-beyond-64-bits",
    documents.image_is_optional: "image-demanded",
}
"""The correction that mends what each of the simulator's own functions mends."""


@dataclass(frozen=True)
class Disagreement:
    """A request on which document and service disagree: what happened, and what explains it (ids; none is a riddle)."""

    happened: str
    explained: tuple[str, ...]
    request: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Row:
    """
    One target by one view, asked of one service.

    Attributes:
        target, view, service: which.
        requests, agreed: how many.
        disagreements: the others.
        rules: ids of the rules that requests break.
        reasons: of the refusals that agree, how many are matched to the same reason, another or none.
    """

    target: str
    view: str
    service: str
    requests: int
    agreed: int
    disagreements: tuple[Disagreement, ...]
    reasons: Counter[str] = field(default_factory=Counter)
    rules: frozenset[str] = frozenset()

    @property
    def explained(self) -> Counter[str]:
        """What explains the disagreements, and how many each."""
        return Counter(" with ".join(each.explained) or "nothing" for each in self.disagreements)


def targets(registry: Registry) -> dict[str, list[str]]:
    """The targets with a body, by the file of their document; the models of an operation are asked together."""
    found: dict[str, list[str]] = {}
    for name, each in registry.targets.items():
        if each.described and not each.companion and not each.branch_of:
            vendor, _, rest = name.partition("/")
            file = documents.FILES[rest] if vendor == "runware" else f"{documents.VERSION}.openapi.json"
            found.setdefault(f"{vendor}/{file}", []).append(name)
    return found


STAGES = ("--stage", "free", "--stage", "dry-run", "--stage", "paid")


@contextmanager
def unread() -> Iterator[None]:
    """The bundled documents as a new process finds them: samples depend on what was solved before."""
    read = registries._BUNDLED
    registries._BUNDLED = None
    try:
        yield
    finally:
        registries._BUNDLED = read


def asked(target: str, view: str, server: str) -> dict[str, Any]:
    """The report of one run of the command."""
    options = ["--live", "--mock", "--server", server, "--today", str(TODAY), "--format", "json"]
    if view == PUBLISHED:
        options.append("--as-published")
    out, err = io.StringIO(), io.StringIO()
    with unread(), redirect_stdout(out), redirect_stderr(err):
        code = main(["contract", target, *STAGES, *options])
    if code not in (0, 1, 4):
        raise RuntimeError(f"{target}: exit code {code}: {err.getvalue()}")
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def row(target: str, view: str, service: str, server: str, registry: Registry) -> Row:
    """What came of one target."""
    report = asked(target, view, server)
    disagreements, agreed = [], 0
    reasons: Counter[str] = Counter()
    rules: set[str] = set()
    for each in report["requests"]:
        rules |= {ground.removeprefix("rule:") for ground in each["refused_by"] if ground.startswith("rule:")}
        wanted = "accepted" if each["expect"] == "valid" else "refused"
        if each["outcome"] == wanted:
            agreed += 1
            reasons[each["relation"] or ""] += 1
        else:
            happened = f"{each['outcome']} though {each['expect']}"
            why = tuple(sorted(explanations(each, service, registry)))
            disagreements.append(Disagreement(happened, why, each))
    return Row(target, view, service, len(report["requests"]), agreed, tuple(disagreements), reasons, frozenset(rules))


# --- explanations ---

DEPENDENCIES = "dependencies"
"""A keyword of draft 7 that has no force in 2020-12, and so none as published; the intended view enforces it."""


def explanations(request: dict[str, Any], service: str, registry: Registry) -> set[str]:
    """What explains that a service decides otherwise than the view that asked."""
    payload, target = request["payload"], request["target"]
    if request["outcome"] not in ("accepted", "refused"):
        return set()  # it said nothing, and nothing may hide that
    if service == PRISM and payload is None and request["outcome"] == "accepted":
        return {prism.NULL_BODY}
    if service == PRISM and request["outcome"] == "accepted" and prism.rounds(payload):
        return {prism.ROUNDED}
    rules = {ground.removeprefix("rule:") for ground in request["refused_by"] if ground.startswith("rule:")}
    if rules:
        return rules
    mended = mends(target, payload)
    if mended:
        return {CORRECTIONS[each] for each in mended}
    if depends(target, payload):
        return {DEPENDENCIES}
    if request["outcome"] == "refused":
        # As published it is valid; the rules of the vendor's sentences that refuse it as intended.
        report = preroll.check(payload, target, registry=registry, today=TODAY)
        return {each.rule for each in report.violations if each.severity == "error" and each.rule in prose(registry)}
    return set()


def prose(registry: Registry) -> set[str]:
    """The ids of the rules that stand only in the vendors' sentences."""
    sets = [registry.vendor(vendor).rules for vendor in ("runware", "runwayml")]
    return {each.id for rules in sets if rules is not None for each in rules.rules}


def mends(target: str, payload: Any) -> tuple[Any, ...]:
    """The fewest of the simulator's own mendings that turn the schema's verdict on a payload, or none."""
    vendor, _, model = target.partition("/")
    if vendor != "runware" or not isinstance(payload, list):
        return ()
    known = documents.MENDED[model]
    as_published = _valid(model, (), payload)
    for count in range(1, len(known) + 1):
        for chosen in itertools.combinations(known, count):
            if _valid(model, chosen, payload) != as_published:
                return chosen
    return ()


def depends(target: str, payload: Any) -> bool:
    """Whether the keyword `dependencies` turns the schema's verdict on a payload."""
    vendor, _, model = target.partition("/")
    if vendor != "runware" or not isinstance(payload, list):
        return False
    return _valid(model, (), payload) != _valid(model, (), payload, dependencies=True)


def _valid(model: str, chosen: tuple[Any, ...], payload: list[Any], *, dependencies: bool = False) -> bool:
    schema = documents.mended(model, chosen)
    return not any(problems(schema, task, dependencies=dependencies) for task in payload)


# --- all of it ---


def rows(service: str) -> Iterator[Row]:
    """Every target by both views, asked of one service."""
    registry = Registry.bundled()
    if service == SIMULATED:
        with Simulator(today=TODAY, key=None) as running:
            for names in targets(registry).values():
                for name, view in itertools.product(names, VIEWS):
                    yield row(name, view, service, running.url, registry)
        return
    for file, names in targets(registry).items():
        with tempfile.TemporaryDirectory() as folder, prism.served(ROOT / "schemas" / file, Path(folder)) as url:
            for name, view in itertools.product(names, VIEWS):
                yield row(name, view, service, url, registry)


TITLES = {
    SIMULATED: "The simulated services, which go by the documents as intended",
    PRISM: f"Prism {prism.VERSION}, which goes by the documents as published",
}


def table(found: Iterable[Row], service: str) -> str:
    """The rows of one service as Markdown."""
    lines = [
        f"### {TITLES[service]}",
        "",
        "| target | checked as | requests | agree | disagree | explained by |",
        "|---|---|---:|---:|---:|---|",
    ]
    lines += [f"| {each.target} | {each.view} | {' | '.join(cells(each))} |" for each in found]
    return "\n".join(lines) + "\n"


def cells(row: Row) -> list[str]:
    """What a row says beside target and view."""
    why = ", ".join(f"{name} ({count})" for name, count in sorted(row.explained.items())) or "–"
    return [str(row.requests), str(row.agreed), str(len(row.disagreements)), why]


def gist(cells: list[str]) -> tuple[bool, frozenset[str]]:
    """What a row comes to: whether anything disagrees, and by what. Releases of the solver make other samples."""
    return cells[2] == "0", frozenset(re.sub(r" \(\d+\)", "", each) for each in cells[3].split(", "))


def marks(service: str) -> tuple[str, str]:
    """The lines around a service's table."""
    return f"<!-- agreement with {service}: begin -->", f"<!-- agreement with {service}: end -->"


def section(page: str, service: str) -> str:
    """A service's table on the page, or ""."""
    begin, end = marks(service)
    found = re.search(f"{re.escape(begin)}\n\n(.*?)\n{re.escape(end)}", page, re.DOTALL)
    return found[1] if found else ""


def replaced(page: str, service: str, text: str) -> str:
    """The page with a service's table anew; a page without any gets the section."""
    begin, end = marks(service)
    whole = f"{begin}\n\n{text}\n{end}"
    if begin in page:
        return re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: whole, page, flags=re.DOTALL)
    if HEADING not in page:
        page = f"{page.rstrip()}\n\n{HEADING}\n\n{ABOUT}"
    return f"{page.rstrip()}\n\n{whole}\n"


HEADING = "## Where document, rules and service agree"

ABOUT = (
    f"""\
Two services that are not ours stand for the live ones, and every bundled target is asked in every stage (`--mock`), by
the documents as intended and, with `--as-published`, as published:

- a simulator of both vendors (`python tests/contract/simulator --help`). Its verdicts come from answers labelled by
  hand and from a reading of the documents that shares no code with preroll; it goes by the documents as *intended*.
- [Prism](https://github.com/stoplightio/prism) {prism.VERSION}, a mock server (`make peers` installs it). It is handed
  the documents as *published* and knows nothing of corrections and rules.

Where view and service are the same, they must agree. Where they differ, they must disagree, and exactly where a
correction or a rule says so: the last column names it, and how many requests it explains. The simulator's own mendings
confirm the corrections: a request counts as explained by a correction where that mending alone turns the verdict.

Prism departs from the documents in ways that show:

"""
    + "".join(f"- `{name}`: {text}\n" for name, text in prism.DEVIATIONS.items())
    + """
`dependencies` is a keyword of draft 7. It has no force in 2020-12, and so none for the view as published; the vendors
mean it, the intended view enforces it ([the dialect](dialect.md)), and so does Prism.

Two things are done to a document before Prism can serve it, neither of which changes what a request means. The path of
its servers is written before its paths, because Prism leaves it out. Of the two equal schemas in Ray3.2 that carry one
`$id`, the second loses it: Prism cannot compile the schema otherwise, says nothing, and then takes every request.

`python -m tests.contract.agreement` writes the tables anew.
"""
)


def write(services: Iterable[str]) -> None:
    """Write the tables of those services that can be run here."""
    for service in services:
        if service == PRISM and prism.missing():
            sys.stdout.write(f"{PRISM}: not asked, {prism.missing()}\n")
            continue
        found = list(rows(service))
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(replaced(page, service, table(found, service)), encoding="utf-8")
        riddles = [each for one in found for each in one.disagreements if not each.explained]
        sys.stdout.write(f"{service}: {sum(each.requests for each in found)} requests, {len(riddles)} unexplained\n")
        for each in riddles:
            sys.stdout.write(f"  {each.happened}: {json.dumps(each.request)}\n")


if __name__ == "__main__":
    write(sys.argv[1:] or (SIMULATED, PRISM))
