"""Laws: no bytes and no value stop a reader, and no secret comes through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import preroll
from preroll.cli import main
from preroll.refusals import read
from preroll.refusals.answer import OUTCOMES, RETRIES
from preroll.render import RENDERERS, render
from preroll.render import decoded as forms

ROOT = Path(__file__).resolve().parents[2]
PAYLOAD = json.loads((ROOT / "examples/good/runware-kling-first-and-last-frame.json").read_text(encoding="utf-8"))

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)

MEMBERS = st.sampled_from(
    """
    code message parameter type min max multiplier allowedValues documentation taskUUID path expected received values
    options keys errors unionErrors discriminator note maximum minimum inclusive origin exact format pattern divisor
    error issues data status failure failureCode id title detail validation location loc msg name reason source
    pointer params ctx headers body severity
    """.split()  # noqa: SIM905  # words read better than a list of texts
)
WORDS = st.sampled_from(
    """
    invalid_type invalid_union invalid_value too_big unrecognized_keys custom width inputs.frameImages duration
    'width' must be between 1 and 2 is not supported allowed values are: '1x2', '3*4' FAILED SAFETY.TEXT body 0
    integer|array received undefined Parameter cannot be used together either or provided [0] .. '' " / $ \x1b[2J
    """.split()  # noqa: SIM905  # as above
)
SENTENCES = st.lists(WORDS, max_size=9).map(" ".join)
LIKELY = st.recursive(
    LEAVES | SENTENCES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=6),
    max_leaves=25,
)


def whole(answer):
    assert answer.outcome in OUTCOMES
    assert answer.retry in RETRIES
    assert all(each == "" or each.startswith("/") for one in answer.complaints for each in one.pointers)
    return answer


@given(st.binary(max_size=60), st.none() | st.integers(100, 599))
def test_no_bytes_stop_it(raw, status):
    whole(read(raw, status=status, payload=PAYLOAD))


@given(VALUES, VALUES)
def test_no_value_stops_it(body, payload):
    whole(read(body))
    whole(read(json.dumps(body), payload=payload))


@given(LIKELY)
def test_no_answer_that_looks_like_one_stops_it(body):
    whole(read(body, payload=PAYLOAD))
    whole(read(body))


@settings(max_examples=60)
@given(LIKELY, st.sampled_from([PAYLOAD, PAYLOAD[0], None, {}, [1], "x"]))
def test_no_answer_stops_decoding_and_showing(body, payload):
    decoded = preroll.decode(body, payload)
    text = forms.text(decoded, "job.json")
    assert "\x1b" not in text
    json.dumps(decoded.to_dict(), allow_nan=True)
    for fix in decoded.fixes():
        preroll.apply(fix, payload)


SECRET = "a-very-secret-key-9f8e7d6c"
LEAKS = [
    {"error": f"The key {SECRET} is not known"},
    {"error": f"Authorization: Bearer {SECRET}"},
    {"errors": [{"code": "invalidApiKey", "message": f"Invalid key '{SECRET}'", "parameter": "apiKey"}]},
    {"errors": [{"code": "x", "message": "Bad", "parameter": SECRET, "allowedValues": [SECRET]}]},
    {"error": "x", "issues": [{"code": "custom", "path": [SECRET], "message": SECRET}]},
    {"error": "x", "issues": [{"code": "invalid_value", "path": ["model"], "values": [SECRET], "message": "x"}]},
    {"odd": {SECRET: [SECRET]}, "apiKey": SECRET},
    {"status": 400, "headers": {"authorization": f"Bearer {SECRET}"}, "body": {"odd": SECRET}},
    f"<html>{SECRET}</html>",
]  # fmt: skip


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("leak", LEAKS, ids=range(len(LEAKS)))
def test_the_payloads_own_secret_is_in_no_output(leak, form, tmp_path, capsys):
    (tmp_path / "job.json").write_text(
        json.dumps([{"taskType": "authentication", "apiKey": SECRET}, *PAYLOAD]), encoding="utf-8"
    )
    (tmp_path / "answer").write_text(leak if isinstance(leak, str) else json.dumps(leak), encoding="utf-8")
    main(["decode", str(tmp_path / "answer"), "--payload", str(tmp_path / "job.json"), "--format", form, "-v"])
    out, err = capsys.readouterr()
    assert out
    assert SECRET not in out + err


STRANGE = [
    f"Bearer {SECRET}",
    "key_" + "0123456789abcdef" * 8,
    "eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0NTY3ODkw.dozjgNryP4J3jVmNHl0w5N",
    "https://example.com/a.png?X-Amz-Signature=0123456789abcdef0123&x=1",
    "https://user:pass-word-1@example.com/a.png",
    "api_key=0123456789abcdef",
    'token: "0123456789abcdef"',
]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_what_looks_like_a_secret_is_hidden_without_knowing_it(text):
    shown = json.dumps(preroll.decode({"error": f"odd: {text} (sic)", "more": [text]}).to_dict())
    assert text not in shown
    assert "<redacted>" in shown
    assert "(sic)" in shown


ORDINARY = [
    "Parameter 'width' must be between 256 and 1024",
    "Invalid API key. Get one at https://example.com/signup",
    "see https://example.com/docs?page=2#key",
    "the token limit of 77 is exceeded",
]


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_sentence_stays_as_it_is(sentence):
    answer = read({"errors": [{"code": "x", "message": sentence}]})
    assert [each.message for each in answer.complaints] == [sentence]


@pytest.mark.parametrize("form", RENDERERS)
def test_every_format_tells_of_an_answer_that_is_not_understood(form):
    decoded = preroll.decode("something <odd> & else")
    text = forms.text(decoded, "a") if form == "text" else render(forms.outcome(decoded, "a", notes=True), form)
    if form != "json":
        assert "odd" in text
