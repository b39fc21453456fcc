"""Complaints held against violations: which belongs to which, and what is left over."""

import pytest

from preroll.formula import Literal
from preroll.refusals import Complaint, matched
from preroll.violation import Because, Violation


def complaint(kind, *places):
    return Complaint("so it is said", pointers=places, kind=kind)


def violation(rule, place, **more):
    return Violation(rule, place, kind=more.pop("kind", rule), **more)


MISSING = violation("required", "/0", expected=((("/0/fps", None),),))
PAIR = violation("not-together", "/0/a", kind="together", because=(Because("/0/b", Literal("required", "b")),))

CASES = [
    # complaints                              violations                              relations
    ([complaint("maximum", "/0/a")],          [violation("maximum", "/0/a")],         ["same"]),
    ([complaint("", "/0/a")],                 [violation("format", "/0/a")],          ["same"]),
    ([complaint("maximum", "/0/a")],          [violation("limited-when", "/0/a")],    ["same"]),
    ([complaint("type", "/0/a")],             [violation("limited-when", "/0/a", kind="type")], ["same"]),
    ([complaint("max-items", "/0/a")],        [violation("limited-when", "/0/a", kind="maxItems")], ["same"]),
    ([complaint("required", "/0/fps")],       [MISSING],                              ["same"]),
    ([complaint("enum", "/0/w", "/0/h")],     [violation("unlisted-combination", "/0/w", also=("/0/h",))], ["same"]),
    ([complaint("any-of", "/0/a")],           [violation("format", "/0/a/0/uri")],    ["same"]),
    ([complaint("not-together", "/0/a", "/0/b")], [PAIR],                             ["same"]),
    ([complaint("not-together", "/0/b", "/0/c")], [PAIR],                             ["same-parameter"]),
    ([complaint("unexpected", "/0/b")],       [PAIR],                                 ["same"]),
    ([complaint("type", "/0/a")],             [violation("required-when", "/0/a")],   ["same-parameter"]),
    ([complaint("required", "/0/a")],         [violation("maximum", "/0/a")],         ["same-parameter"]),
    ([complaint("maximum", "/0/a")],          [violation("maximum", "/0/b")],         ["other-parameter"]),
    ([complaint("maximum", "/1/a")],          [violation("maximum", "/0/a")],         ["other-parameter"]),
    ([complaint("maximum", "/0/a")],          [violation("maximum", "/0/b", severity="warning")],
                                                                                      ["unexplained", "unmentioned"]),
    ([complaint("")],                         [violation("maximum", "/0/a")],         ["unexplained", "unmentioned"]),
    ([complaint("maximum", "/0/a")],          [],                                     ["unexplained"]),
    ([],                                      [MISSING],                              ["unmentioned"]),
    ([complaint("enum", "/0/a"), complaint("type", "/0/a")], [violation("enum", "/0/a")], ["same", "same"]),
    ([complaint("", "/0/a")],                 [violation("maximum", "/0/a/b"), violation("type", "/0/a")],
                                                                                      ["same", "unmentioned"]),
    ([complaint("", "/0")],                   [violation("maximum", "/0/a")],         ["same-parameter"]),
    ([complaint("", "/1")],                   [violation("maximum", "/0/a")],         ["other-parameter"]),
]  # fmt: skip


@pytest.mark.parametrize(("complaints", "violations", "relations"), CASES)
def test_what_belongs_together_is_put_together(complaints, violations, relations):
    matches = matched(complaints, violations, None)
    assert [each.relation for each in matches] == relations


def test_nothing_is_lost_and_complaints_keep_their_order():
    complaints = [complaint("", "/0/x"), complaint("maximum", "/0/a"), complaint("required", "/0/fps")]
    violations = [MISSING, PAIR, violation("maximum", "/0/a"), violation("type", "/0/z", severity="warning")]
    matches = matched(complaints, violations, None)
    assert [each.complaint for each in matches[:3]] == complaints
    told = [each.violation for each in matches if each.violation is not None]
    assert sorted(map(id, told)) == sorted(map(id, violations))
