from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preroll import dialect
from preroll.constraints import language

PATTERNS = [
    r"^[a-z]+$",
    r"^https:\/\/.*",
    r"^data:image\/[a-zA-Z]+;base64,[a-zA-Z0-9+/=]+$",
    r"a|^b$|c$",
    r"^(?!ab)[a-c]+$",
    r"^(?=ab)[a-c]+$",
    r"^(a|bc){2,3}d?$",
    r"^a{0,2}$",
    r"[^a-y]",
    r"\d\.\s",
    r"^\w+$",
    r"^.$",
    r"x*",
    r"^[\u0041\x42-C]$",
    r"^(?:ab|a)(?:c|bc)$",
    r"^[+\-.\]]+$",
    r"^$",
    "",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text(alphabet="abcdxyzABC019.+-] \n\t:/,;=_\u00e9\u2028", max_size=6))
def test_a_language_holds_what_the_engine_matches(pattern, text):
    assert language.matches(language.pattern(pattern), text) == dialect.matches(pattern, text)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize(("least", "most"), [(0, None), (3, 3), (0, 1), (200, None), (9000, 9000)])
@pytest.mark.parametrize("holds", [True, False])
def test_what_a_search_finds_is_so(pattern, least, most, holds):
    node = language.pattern(pattern)
    found = language.search(node if holds else language.complement(node), least, most)
    if found.text is not None:
        assert dialect.matches(pattern, found.text) is holds
        assert len(found.text) >= least
        assert most is None or len(found.text) <= most


@pytest.mark.parametrize(
    ("wanted", "refused", "least", "most"),
    [
        (["^https://"], [], 0, 7),
        (["^a+$", "^b+$"], [], 0, None),
        (["^[0-9a-f]{8}$"], [], 9, None),
        (["^abc"], ["^a"], 0, None),
        (["^[a-z]*$"], ["^[a-m]*[n-z]*$", "[n-z][a-m]"], 0, None),
        ([], [""], 0, None),
    ],
)
def test_what_no_text_can_be_is_proved(wanted, refused, least, most):
    parts = [language.pattern(each) for each in wanted]
    parts += [language.complement(language.pattern(each)) for each in refused]
    assert language.search(language.both(*parts), least, most) == language.Found(None, proved=True)


@pytest.mark.parametrize("pattern", [r"(a)\1", r"\bword", r"(?<=a)b", r"\p{L}", r"(a(?=b))c", r"\u{d800}"])
def test_what_is_not_regular_is_said(pattern):
    with pytest.raises(language.Unsupported):
        language.pattern(pattern)


def test_a_whole_match_without_regard_to_case():
    node = language.pattern("ab.", fold=True, dot_all=True, whole=True)
    assert [language.matches(node, each) for each in ("ABc", "ab\n", "xab.", "ab")] == [True, True, False, False]


def test_samples_grow():
    assert list(language.samples(language.pattern("^a*$"), 3, 1)) == ["a", "aa", "aaa"]
