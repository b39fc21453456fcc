from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preroll import dialect
from preroll.constraints import language
from preroll.constraints import text as texts
from preroll.constraints.text import Extent, Predicate, realise

LIKELY = st.sampled_from([
    *(sample for name in dialect.FORMATS for sample in texts.format_(name).samples),
    *texts.PROSE,
    "192.168.0.1", "::1", "1.2.3.4.5", "a@b", "P1Y", "P", "2024-02-29", "2023-02-29", "0000-02-29", "1900-02-29",
    "2024-12-31T23:59:60Z", "12:00", "12:00:00+01:00", "HTTP://EXAMPLE.COM", "x:", "1a:b", "#", "0", "0#", "/a~2",
    "A0000000-0000-0000-0000-00000000000F", "{a}", "example..com", "ex\u00e4mple.com", "user@ex\u00e4mple.com",
])  # fmt: skip


@pytest.mark.parametrize("name", dialect.FORMATS)
@given(text=LIKELY | st.text(alphabet="0123456789abcdefPTZ-:./@+ \n", max_size=40))
def test_a_format_lies_within_its_language(name, text):
    predicate = texts.format_(name)
    if predicate.holds(text):
        assert language.matches(predicate.within, text)
    if language.matches(predicate.inside, text):
        assert predicate.holds(text)


@given(text=st.from_regex(texts._PLAIN_URI))
def test_a_plain_uri_is_one(text):
    predicate = texts.format_("uri")
    assert predicate.holds(text) or not language.matches(predicate.inside, text)


@pytest.mark.parametrize("name", dialect.FORMATS)
def test_every_format_has_a_sample_that_conforms(name):
    assert any(dialect.conforms(name, each) for each in texts.format_(name).samples)


def test_dates_are_known_exactly():
    exact = texts.format_("date").within
    wrong = [
        text
        for year in (0, 1, 4, 100, 400, 1900, 1999, 2000, 2024, 9999)
        for month in range(14)
        for day in (0, 1, 28, 29, 30, 31, 32)
        for text in [f"{year:04}-{month:02}-{day:02}"]
        if language.matches(exact, text) is not dialect.conforms("date", text)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("wanted", "extent"),
    [
        ({"pattern": "^https:\\/\\/.*"}, Extent(13, None)),
        ({"pattern": "^https:\\/\\/.*"}, Extent(0, 12)),
        ({"pattern": "^data:image\\/.*"}, Extent(5_242_881, None)),
        ({"format": "uri"}, Extent(2049, None)),
        ({"format": "uuid"}, Extent(0, None)),
        ({}, Extent(1001, None)),
        ({}, Extent(0, 1000, 1001, None)),
        ({}, Extent(501, 501, 1001, 1001)),
        ({}, Extent(0, 0)),
    ],
)
def test_a_text_is_made(wanted, extent):
    predicates = {
        (texts.pattern if keyword == "pattern" else texts.format_)(value): True for keyword, value in wanted.items()
    }
    found = realise(predicates, extent)
    assert found.text is not None
    assert extent.holds(found.text)
    assert all(each.holds(found.text) for each in predicates)


def test_readable_texts_come_first():
    assert realise({texts.format_("uri"): True}, Extent(), hints=texts.likely("startImage")).text == (
        "https://example.com/image.jpg"
    )
    assert realise({}, Extent(2, 1000), hints=texts.likely("prompt")).text == texts.PROSE[0]


def test_what_excludes_each_other_is_named():
    uuid, https, prose = texts.format_("uuid"), texts.pattern("^https://"), texts.pattern("x")
    found = realise({prose: False, uuid: True, https: True}, Extent())
    assert found == texts.Realisation(None, proved=True, culprits=(uuid, https))


def test_what_is_only_not_found_is_no_proof():
    odd = Predicate("a text that nobody guesses", lambda text: text == "\u2042")
    assert realise({odd: True}, Extent()) == texts.Realisation(None)
