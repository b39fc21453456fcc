"""What the vendor takes is what the pipeline reads."""

import pytest
from hypothesis import given
from storyboard import line

from preroll_fuzz import valid_payloads

TARGET = "runwayml/image_to_video"


@given(valid_payloads(TARGET))
def test_every_request_is_told_in_one_line(payload):
    assert "\n" not in line(payload)


@pytest.mark.preroll(TARGET + "#veo3.1", max_examples=50)
def test_the_model_comes_first(payload):
    assert line(payload).startswith("veo3.1 ")


@pytest.mark.preroll(TARGET + "#gen4_turbo", fault="required", max_examples=20)
def test_what_lacks_a_member_is_recognised(broken):
    assert broken.fault.rule == "required"
    assert {"model", "promptImage", "ratio"} - broken.payload.keys() or broken.pointer


def test_the_simplest_payload(preroll_payload):
    assert "1 image" in line(preroll_payload(TARGET + "#gen4_turbo"))
