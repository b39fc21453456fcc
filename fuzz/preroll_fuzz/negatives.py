"""
Invalid payloads as a Hypothesis strategy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

from preroll.judgement import day
from preroll.registry import Registry
from preroll.target import Target
from preroll_fuzz import documents
from preroll_fuzz.faults import Base, Broken, Faults, faults
from preroll_fuzz.grammar import Steps, steps
from preroll_fuzz.leaves import Sizes
from preroll_fuzz.payloads import Draw, changed, inhabited, planned, plans_of
from preroll_fuzz.plan import Options, Plan

CHANGES = 4
"""The most changes beside the fault: a person should see at once what is wrong."""


def invalid_payloads(
    target: str | Target,
    *,
    registry: Registry | None = None,
    as_published: bool = False,
    fault: str | None = None,
    warnings: bool = False,
    thorough: bool = True,
    today: date | str | None = None,
    max_text: int = Sizes().text,
    max_items: int = Sizes().items,
) -> st.SearchStrategy[Broken]:
    """
    Requests that break one assertion or rule of a target and no other; each says which, and where.

    The label still holds after shrinking: payloads are made broken, not broken afterwards.

    Args:
        target: what the payloads are meant for; see `valid_payloads`.
        registry: the documents; the bundled ones by default.
        as_published: break the document as it was published, without corrections and rules.
        fault: only faults of this rule (as `preroll check` calls it), keyword or document pointer.
        warnings: also payloads that are accepted with a warning; their fault's severity says so.
        thorough: also the faults that only the constraint model finds; without them the first example comes about
            a second sooner.
        today, max_text, max_items: see `valid_payloads`.

    Raises:
        UnknownTarget: no target has that name.
        ValueError: the target describes no payload, or nothing of that name can be broken alone.
    """
    registry = registry or documents.usual()
    found = registry.resolve(target) if isinstance(target, str) else target
    options = Options(as_published, day(today), sizes=Sizes(max_text, max_items))
    plans = plans_of(registry, found, options)
    severities = ("error", "warning") if warnings else ("error",)
    if fault is None:

        def made(able: tuple[Plan, ...]) -> st.SearchStrategy[Broken]:
            return _drawn(
                found.name, _breakable(found.name, able, severities, thorough=thorough), severities, thorough=thorough
            )

        return planned(plans, made)
    known = tuple(faults(each) for each in inhabited(plans))
    bases = tuple(
        (number, base)
        for number, each in enumerate(known)
        for base in each.bases
        if base.fault.severity in severities and _means(fault, base)
    )
    if not bases:
        raise ValueError(f"nothing called {fault!r} can be broken alone in a payload of {found.name}")
    return _chosen(found.name, fault, known, bases)


def _breakable(
    name: str, plans: tuple[Plan, ...], severities: tuple[str, ...], *, thorough: bool
) -> tuple[Faults, ...]:
    """
    The faults of those that have any.

    What takes long happens here, before anything is drawn: no single example is slow.
    """
    known = tuple(map(faults, plans))
    able = tuple(each for each in known if each.breakable(0, severities=severities, thorough=thorough) is not None)
    if not able:
        raise ValueError(f"nothing in a payload of {name} can be broken alone")
    if thorough:
        for each in able:
            each.ask()
    return able


def simplest(
    target: str | Target,
    fault: str,
    *,
    registry: Registry | None = None,
    as_published: bool = False,
    today: date | str | None = None,
) -> Broken:
    """
    The simplest request body that breaks one rule, keyword or assertion of a target; see `invalid_payloads`.

    Raises:
        UnknownTarget: no target has that name.
        ValueError: nothing of that name can be broken alone.
    """
    registry = registry or documents.usual()
    found = registry.resolve(target) if isinstance(target, str) else target
    for each in inhabited(plans_of(registry, found, Options(as_published, day(today)))):
        known = faults(each)
        for base in known.bases:
            if _means(fault, base):
                return known.broken(base, base.task)
    raise ValueError(f"nothing called {fault!r} can be broken alone in a payload of {found.name}")


def _means(fault: str, base: Base) -> bool:
    return fault in (base.fault.rule, base.fault.keyword, base.fault.document_pointer, base.broken.source)


def _drawn(
    name: str, known: Sequence[Faults], severities: tuple[str, ...], *, thorough: bool
) -> st.SearchStrategy[Broken]:
    @st.composite
    def invalid_payloads(draw: Draw, target: str) -> Broken:
        del target
        chosen = known[draw(st.integers(0, len(known) - 1))] if len(known) > 1 else known[0]
        count = len(chosen.assertions) + len(chosen.across)
        base = chosen.breakable(draw(st.integers(0, count - 1)), severities=severities, thorough=thorough)
        assert base is not None  # seen to before anything is drawn
        return altered(draw, chosen, base)

    return invalid_payloads(name)


def _chosen(
    name: str, fault: str, known: Sequence[Faults], bases: tuple[tuple[int, Base], ...]
) -> st.SearchStrategy[Broken]:
    @st.composite
    def invalid_payloads(draw: Draw, target: str, *, fault: str) -> Broken:
        del target, fault
        number, base = bases[draw(st.integers(0, len(bases) - 1))]
        return altered(draw, known[number], base)

    return invalid_payloads(name, fault=fault)


def altered(draw: Draw, known: Faults, base: Base) -> Broken:
    """A broken payload with some changes beside its fault."""
    if base.whole:
        return known.broken(base, base.task)
    beside = steps_beside(known, base)
    if beside is None:
        return known.broken(base, base.task)
    task = changed(draw, base.task, beside, lambda other: known.alone(base.broken, other), known.plan)
    return known.broken(base, task)


def steps_beside(known: Faults, base: Base) -> Steps | None:
    """The changes that valid payloads of the same way allow, but for those at the fault itself; made once."""
    if base.broken not in known.beside:
        plan = known.plan
        active = plan.active(base.task)
        way = next((each for each in plan.each_way() if each.active == active), plan.way(0))
        spots = [spot for spot in way.spots if not any(_touch(path, base.path) for path in spot.places)]
        known.beside[base.broken] = steps(spots, CHANGES) if spots else None
    return known.beside[base.broken]


def _touch(one: Sequence[object], other: Sequence[object]) -> bool:
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]
