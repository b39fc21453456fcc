"""
The most that a task can cost: never less than the document says, and unknown where it does not say.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.contract.filmmaker import TARGET, TODAY, changed, registry

from preroll.registry import Registry
from preroll_fuzz.contract.price import Prices, tariff
from preroll_fuzz.payloads import plans_of
from preroll_fuzz.plan import Options

TEXTS = [
    # what the document says                                     once    by second  shortest
    ("$0.50 for 5s",                                             "0.50", None,      "5"),
    ("from $0.06, up to $1,250.50 for 10 seconds",               "1250.50", None,   "10"),
    ("$0.03/s at 320p, $0.36/s at 1080p",                        None,   "0.36",    None),
    ("$0.12 per second; a 5-second block costs $1.20",           "1.20", "0.12",    "5"),
    ("USD 3 each",                                               "3",    None,      None),
    ("$1080 at 1080p",                                           "1080", None,      None),
    ("free",                                                     None,   None,      None),
    ("3 credits, or $0.10",                                      None,   None,      None),
    ("€0.10 or $0.12",                                           None,   None,      None),
    ("5s at 720p",                                               None,   None,      None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "once", "by_second", "shortest"), TEXTS)
def test_the_largest_amounts_are_read(text, once, by_second, shortest):
    found = tariff({"info": {"x-pricing": {"overview": text}}}, "/", "POST")
    if once is None and by_second is None:
        assert found is None
    else:
        assert found is not None
        told = (found.once, found.by_second, found.shortest)
        assert told == tuple(Decimal(each) if each is not None else None for each in (once, by_second, shortest))


PLACES = [
    ({"info": {"x-pricing": ["$1"]}},                                        "/info/x-pricing"),
    ({"x-cost": {"a": {"b": "$1"}}},                                         "/x-cost"),
    ({"info": {"x-pricing": "$9"}, "paths": {"/a": {"post": {"x-price": "$1"}}}}, "/paths/~1a/post/x-price"),
    ({"info": {"description": "it costs $1"}},                               None),
    ({"info": {"x-priceless": {}}},                                          None),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "at"), PLACES)
def test_prices_stand_in_extensions_of_that_name_the_nearest_first(tree, at):
    found = tariff(tree, "/a", "POST")
    assert (found.at if found else None) == at


def priced(text, task, **more):
    document = changed(**{"info__x-pricing": text, **more})
    (made,) = plans_of(registry(document), registry(document).targets[TARGET], Options(False, TODAY))
    return Prices(made).of(task)


AMOUNTS = [
    # the document          the task                          the most
    ("$0.50 for 5s",        {"seconds": 5},                   "0.50"),
    ("$0.50 for 5s",        {"seconds": 1},                   "0.50"),
    ("$0.50 for 5s",        {"seconds": 6},                   "1.00"),
    ("$0.50 for 5s",        {},                               "1.00"),
    ("$0.50 for 5s",        {"seconds": 11},                  "1.50"),
    ("$0.50 for 5s",        {"seconds": None},                "1.00"),
    ("$0.50 for 5s",        {"seconds": "60"},                "1.00"),
    ("$0.50 for 5s",        {"seconds": -1},                  "1.00"),
    ("$0.50 for 5s",        {"seconds": 5, "copies": 3},      "1.50"),
    ("$0.50 for 5s",        {"seconds": 5, "copies": 4},      "2.00"),
    ("$0.50 for 5s",        {"seconds": 5, "copies": "many"}, "1.50"),
    ("$0.50 for 5s",        None,                             "1.00"),
    ("$0.10/s",             {"seconds": 3},                   "0.30"),
    ("$0.10/s",             {},                               "1.00"),
    ("$0.10/s, $2 for 5s",  {"seconds": 10},                  "4.00"),
    ("$0.10/s, $0.2",       {"seconds": 10},                  "1.00"),
    ("$0.333 for 5s",       {"seconds": 5},                   "0.34"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "task", "amount"), AMOUNTS)
def test_the_worst_case_is_never_less_than_what_is_said(text, task, amount):
    assert priced(text, task).amount == Decimal(amount)


def test_what_nobody_knows_is_unknown_and_not_zero():
    found = priced("no word of money", {})
    assert found.amount is None
    assert str(found) == "unknown"
    assert "names no price" in found.how


def test_a_length_without_an_end_has_no_price():
    endless = {"type": "integer", "minimum": 1}
    document = changed()
    at = document["paths"]["/films"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    at["seconds"] = endless
    (made,) = plans_of(registry(document), registry(document).targets[TARGET], Options(False, TODAY))
    assert Prices(made).of({}).amount is None
    assert Prices(made).of({"seconds": 5}).amount == Decimal("0.50")


def test_a_bundled_price_is_no_less_than_any_amount_that_the_document_names():
    known = Registry.bundled()
    (made,) = plans_of(known, known.targets["runware/luma:ray@3.2"], Options(False, TODAY))
    assert Prices(made).of({}).amount == Decimal("12.96")
    assert Prices(made).of({"duration": 5}).amount == Decimal("6.48")
