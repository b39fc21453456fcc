"""
Prices: the most that a task can cost, as far as the target's document says it.

A document says prices in extensions of its own making. They are found by their names, and read for amounts of
money and lengths of time only: which row of a table a payload falls under is not decided, the dearest counts.
What is not said is unknown, and unknown is never zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any

from preroll import pointer as pointers
from preroll.dialect import is_number

if TYPE_CHECKING:
    from preroll_fuzz.plan import Plan

_NAMED = re.compile(r"^x-.*(?:pric|cost)", re.IGNORECASE)
_AMOUNT = re.compile(
    r"(?:\$\s?|USD\s?)(?P<sum>\d+(?:,\d{3})*(?:\.\d+)?)(?P<rate>\s*(?:/|per|a|each)\s*s(?:ec(?:ond)?)?\b)?",
    re.IGNORECASE,
)
_OTHER_MONEY = re.compile(r"[€£¥₹]\s?\d|\d\s?(?:EUR|GBP|credits?\b)", re.IGNORECASE)
_LENGTH = re.compile(r"(?<![\w.$/])(\d+(?:\.\d+)?)[\s-]?s(?:ec(?:ond)?s?)?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tariff:
    """
    What a document says of money.

    Attributes:
        once: the largest amount that is no rate.
        by_second: the largest amount for a second.
        shortest: the shortest length that is mentioned, in seconds; the amounts are taken to be for that.
        at: JSON Pointer of the text.
    """

    once: Decimal | None
    by_second: Decimal | None
    shortest: Decimal | None
    at: str


@dataclass(frozen=True, slots=True)
class Price:
    """
    The most that one payload can cost.

    Attributes:
        amount: in US dollars; None where nobody knows.
        how: how it was found, or why not.
    """

    amount: Decimal | None
    how: str

    def __str__(self) -> str:
        return "unknown" if self.amount is None else f"${self.amount}"


def tariff(tree: Any, target_path: str, method: str) -> Tariff | None:
    """What a document says of money, about an operation or about itself; None where it says nothing readable."""
    for at in (("paths", target_path, method.lower()), ("paths", target_path), ("info",), ()):
        holder = pointers.look_up(tree, at)
        for name, value in holder.items() if isinstance(holder, dict) else ():
            if _NAMED.match(str(name)):
                found = _read("\n".join(_texts(value)), pointers.text((*at, name)))
                if found is not None:
                    return found
    return None


def _read(text: str, at: str) -> Tariff | None:
    once: list[Decimal] = []
    rates: list[Decimal] = []
    for each in _AMOUNT.finditer(text):
        amount = Decimal(each["sum"].replace(",", ""))
        (rates if each["rate"] else once).append(amount)
    if _OTHER_MONEY.search(text) or not (once or rates):
        return None  # partly in another currency: the dearest cannot be told
    lengths = [Decimal(each) for each in _LENGTH.findall(text) if Decimal(each) > 0]
    return Tariff(max(once, default=None), max(rates, default=None), min(lengths, default=None), at)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


class Prices:
    """
    The prices of one target's payloads.

    Args:
        plan: what the target's values are known from.
    """

    def __init__(self, plan: Plan) -> None:
        target = plan.target
        self.tariff = tariff(plan.registry.document(target).raw, target.path, target.method)
        rules = plan.registry.vendor(target.vendor).rules
        meanings = rules.meanings if rules is not None else {}
        self._lengths = {name: _known(plan, name) for name in meanings.get("length", ())}
        self._counts = {name: _known(plan, name) for name in meanings.get("count", ())}

    def of(self, task: Any) -> Price:
        """
        The most that a task can cost, whether or not the document allows it.

        The largest amount, for as many of the shortest lengths as the longest result has; or the largest rate for
        the longest result, if that is more; times the number of results. A length counts as decided only where
        the task states it; else the longest that the document allows is taken.
        """
        known = self.tariff
        if known is None:
            return Price(None, "the document names no price")
        longest = _most(task, self._lengths, decided=True)
        count = _most(task, self._counts, decided=False)
        if longest is None and (known.by_second is not None or known.shortest is not None):
            return Price(None, f"{known.at} bills by length, and how long a result may become is not known")
        if count is None:
            return Price(None, "how many results a task may ask for is not known")
        amounts = []
        if known.once is not None:
            blocks = Decimal(1)
            if known.shortest is not None and longest is not None:
                blocks = max((longest / known.shortest).to_integral_value(ROUND_CEILING), Decimal(1))
            amounts.append((known.once * blocks, f"${known.once}" + (f" x {blocks}" if blocks > 1 else "")))
        if known.by_second is not None and longest is not None:
            amounts.append((known.by_second * longest, f"${known.by_second}/s x {longest.normalize():f}s"))
        amount, how = max(amounts)
        times = f", {count.normalize():f} results" if count > 1 else ""
        return Price((amount * count).quantize(Decimal("0.01"), ROUND_CEILING), f"{how}{times}, from {known.at}")


@dataclass(frozen=True, slots=True)
class _Member:
    """What is known of a member that sets a length or a number: its largest value, and its default."""

    largest: Decimal | None
    default: Decimal | None


def _known(plan: Plan, name: str) -> _Member | None:
    """What a target's schema says of one of a task's own members; None where it has no such member."""
    document = plan.registry.document(plan.target).intended
    schema = pointers.look_up(document, (*pointers.parse(plan.target.schema), "properties", name))
    if not isinstance(schema, dict):
        return None
    samples = [each for each in plan.grammar.samples((name,)) if is_number(each)]
    bound = schema.get("maximum", schema.get("exclusiveMaximum"))
    listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    limits = [bound] if is_number(bound) else [each for each in listed or () if is_number(each)]
    largest = max((Decimal(str(each)) for each in (*samples, *limits)), default=None) if limits else None
    default = schema.get("default")
    return _Member(largest, Decimal(str(default)) if is_number(default) else None)


def _most(task: Any, members: dict[str, _Member | None], *, decided: bool) -> Decimal | None:
    """
    The largest number that members of a task may come to; 1 where the target has no such member.

    With `decided` an absent member may come to anything that is allowed; without, its default applies.
    """
    found = Decimal(1) if not decided else None
    known = {name: each for name, each in members.items() if each is not None}
    if not known:
        return found
    most = Decimal(0)
    for name, each in known.items():
        value = task.get(name) if isinstance(task, dict) else None
        if value is not None and is_number(value) and value > 0:
            most = max(most, Decimal(str(value)))  # more than is allowed is taken at its word
        elif value is None and not decided and each.default is not None:
            most = max(most, each.default)
        elif each.largest is None:
            return None
        else:
            most = max(most, each.largest)
    return most if most > 0 else None
