"""What other rooms promise of any broken payload: it is named at its place, told in every format, and can be mended."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from preroll import apply, check
from preroll import pointer as pointers
from preroll.outcome import Outcome, entry
from preroll.pointer import ABSENT
from preroll.registry import Registry
from preroll.render import RENDERERS, render
from preroll_fuzz import invalid_payloads, valid_payloads

TODAY = "2025-06-15"
TARGETS = ["klingai:kling-video@o3-pro", "luma:ray@3.2", "runwayml/image_to_video", "runwayml/character_performance"]
SHORT = settings(max_examples=12, deadline=None)

parametrized = pytest.mark.parametrize("name", TARGETS)


def told(payload, name):
    return check(payload, name, today=TODAY)


@parametrized
def test_every_fault_is_named_where_it_is(name):
    @SHORT
    @given(invalid_payloads(name, today=TODAY))
    def law(broken):
        places = {
            place
            for each in told(broken.payload, broken.target).violations
            if each.rule == broken.fault.rule
            for place in (each.pointer, *each.also)
        }
        assert broken.pointer in places, (broken.fault, places)

    law()


@parametrized
def test_every_format_tells_of_every_fault(name):
    known = Registry.bundled().resolve(name)

    @SHORT
    @given(invalid_payloads(known, today=TODAY))
    def law(broken):
        report = told(broken.payload, broken.target)
        outcome = Outcome.of([entry(report.advised(), "payload.json", effective=True, line=None)])
        for form in RENDERERS:
            assert broken.fault.rule in render(outcome, form), form
        assert json.loads(render(outcome, "json"))["summary"]["invalid"] == 1

    law()


@parametrized
def test_every_offered_fix_is_a_step_to_a_valid_payload(name):
    @SHORT
    @given(invalid_payloads(name, today=TODAY))
    def law(broken):
        report = told(broken.payload, broken.target)
        for fix in report.fixes():
            assert told(apply(fix, broken.payload), broken.target).verdict != "invalid", fix

    law()


@parametrized
def test_what_applies_to_a_valid_payload_is_at_places_that_it_has_or_could_have(name):
    @SHORT
    @given(valid_payloads(name, today=TODAY))
    def law(payload):
        report = told(payload, name)
        assert report.verdict == "valid"
        for each in report.violations:
            assert pointers.look_up(payload, pointers.parse(each.pointer)[:-1]) is not ABSENT
        assert json.loads(render(Outcome.of([entry(report, "p", effective=True, line=None)]), "json"))

    law()
