"""
Leaves: single values, and the strategies that draw them.

A leaf is described by *families*: groups of values that a person would name (UUIDs, addresses of images, prompts,
numbers in a range). Each has a few samples, so that it can be found out without drawing whether a place takes it.
"""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, cast

from hypothesis import strategies as st

from preroll import dialect
from preroll.constraints import language
from preroll.constraints import text as texts

Values = st.SearchStrategy[Any]


class Family(NamedTuple):
    """
    Values that belong together.

    Attributes:
        samples: a few of them, the simplest first; a place takes the family if it takes all samples.
        values: draws any of them.
        more: whether there are others than the samples.
        instead: offered only where nothing before it is taken.
    """

    samples: tuple[Any, ...]
    values: Values
    more: bool = True
    instead: bool = False


def one(value: Any) -> Family:
    """A single value."""
    return Family((value,), picked((value,)), more=False)


class Table(NamedTuple):
    """Values by their number, with a short name: Hypothesis writes down strategies, and values can be long."""

    values: tuple[Any, ...]

    def __call__(self, number: int) -> Any:
        return self.values[number]

    def __repr__(self) -> str:
        return f"one of {len(self.values)} values"

    def only(self) -> Values:
        """The first value, whatever is drawn."""
        return st.just(0).map(cast("Callable[[int], Any]", self))


def picked(values: Sequence[Any]) -> Values:
    """One of some values, the first one in the simplest example."""
    table = Table(tuple(values))
    if len(values) < 2:
        return table.only()
    # mypy sees a tuple; it is called, and Hypothesis writes its short name down.
    return st.integers(0, len(values) - 1).map(cast("Callable[[int], Any]", table))


@dataclass(slots=True)
class Facts:
    """
    What is asserted of one value by itself.

    Attributes:
        types: the allowed types; None where nothing is said.
        listed: the allowed values; None where nothing is said.
        least, most, over, under: limits of a number, inclusive and exclusive.
        steps: what a number must be a multiple of.
        shortest, longest: limits of a text's length.
        patterns, formats: what a text must match and conform to.
    """

    types: frozenset[str] | None = None
    listed: tuple[Any, ...] | None = None
    least: Any = None
    most: Any = None
    over: Any = None
    under: Any = None
    steps: list[Any] = field(default_factory=list)
    shortest: int = 0
    longest: int | None = None
    patterns: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)

    def learn(self, test: str, argument: Any) -> None:
        """Take in one keyword."""
        match test:
            case "type":
                named = frozenset(argument)
                self.types = named if self.types is None else _common(self.types, named)
            case "enum":
                known = self.listed
                kept = argument if known is None else [x for x in known if any(dialect.equal(x, y) for y in argument)]
                self.listed = tuple(kept)
            case "minimum":
                self.least = argument if self.least is None else max(self.least, argument)
            case "maximum":
                self.most = argument if self.most is None else min(self.most, argument)
            case "exclusiveMinimum":
                self.over = argument if self.over is None else max(self.over, argument)
            case "exclusiveMaximum":
                self.under = argument if self.under is None else min(self.under, argument)
            case "multipleOf":
                self.steps.append(argument)
            case "minLength":
                self.shortest = max(self.shortest, int(argument))
            case "maxLength":
                self.longest = int(argument) if self.longest is None else min(self.longest, int(argument))
            case "pattern":
                self.patterns.append(argument)
            case "format":
                self.formats.append(argument)

    def allows(self, value: Any) -> bool:
        """Whether a value's type is allowed."""
        return self.types is None or any(dialect.has_type(value, each) for each in self.types)

    def has(self, type_name: str) -> bool:
        """Whether values of a type are allowed."""
        return self.types is None or type_name in self.types or (type_name == "integer" and "number" in self.types)


def _common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    both = one & other
    if "integer" in one | other and "number" in one | other:
        both |= {"integer"}
    return both


class Sizes(NamedTuple):
    """How large values may become: characters of a text, and items of a list at a limit that is tried."""

    text: int = 10_000
    items: int = 40


def families(facts: Facts, name: str, today: date, sizes: Sizes) -> Iterator[Family]:
    """
    The families of scalars that the facts allow, the simplest first.

    Args:
        facts: what is asserted.
        name: of the member that holds the value; it says what kind of medium or text people put there.
        today: the day that dates lie around.
        sizes: how large texts may become.
    """
    if facts.listed is not None:
        for value in facts.listed:
            if facts.allows(value):
                yield one(value)
        return
    if facts.types is None and not (facts.patterns or facts.formats or facts.longest or facts.shortest):
        yield from map(one, ("text", 1, True, None))  # nothing is said, so anything may be there
        return
    if facts.has("string"):
        yield from _texts(facts, name, today, sizes)
    if facts.types is None:
        return
    if facts.has("integer") or facts.has("number"):
        yield from _numbers(facts, whole=not facts.has("number"))
    if facts.has("boolean"):
        yield one(value=False)
        yield one(value=True)
    if facts.has("null"):
        yield one(None)


def _numbers(facts: Facts, *, whole: bool) -> Iterator[Family]:
    step = functools.reduce(_least_common, map(_fraction, facts.steps)) if facts.steps else None
    if whole:
        step = _least_common(step, Fraction(1)) if step is not None else Fraction(1)
    low, high = _limit(facts.least, facts.over, max), _limit(facts.most, facts.under, min)
    if step is not None:
        yield from _stepped(facts, low, high, step)
        return
    ends = [facts.least, facts.most, 0, 1]
    fits = [each for each in dict.fromkeys(ends) if each is not None and _within(each, facts)]
    for each in fits:
        yield one(each)
    floats = st.floats(
        min_value=float(low) if low is not None else -1e6,
        max_value=float(high) if high is not None else 1e6,
        exclude_min=facts.over is not None and low == _fraction(facts.over) and low is not None,
        exclude_max=facts.under is not None and high == _fraction(facts.under) and high is not None,
        allow_nan=False,
        allow_infinity=False,
        allow_subnormal=False,
    )
    middle = _middle(low, high)
    yield Family((middle,), floats.map(_plain))


def _plain(value: float) -> int | float:
    """Whole floats as integers; and no negative zero, which some readers lose."""
    return int(value) if value.is_integer() else value


def _middle(low: Fraction | None, high: Fraction | None) -> float:
    if low is not None and high is not None:
        return float((low + high) / 2)
    return float(low + 1) if low is not None else float(high - 1) if high is not None else 0.5


_WIDE = 10_000
"""How far numbers without a limit on one side go from the other one, or from zero."""


def _stepped(facts: Facts, low: Fraction | None, high: Fraction | None, step: Fraction) -> Iterator[Family]:
    first = math.ceil(low / step) if low is not None else None
    last = math.floor(high / step) if high is not None else None
    if low is not None and first is not None and facts.over is not None and first * step == _fraction(facts.over):
        first += 1
    if high is not None and last is not None and facts.under is not None and last * step == _fraction(facts.under):
        last -= 1
    start = first if first is not None else (min(0, last - _WIDE) if last is not None else -_WIDE)
    stop = last if last is not None else max(0, start + _WIDE)
    if start > stop:
        return
    for each in dict.fromkeys((first, last)):
        if each is not None:
            yield one(_number(each * step))
    inner = sorted({start, stop, (start + stop) // 2})
    simplest = min(max(start, 0), stop)
    whole = st.integers(start, stop)
    yield Family(
        tuple(_number(each * step) for each in dict.fromkeys((simplest, *inner))),
        whole.map(lambda count: _number(count * step)),
    )


def _number(value: Fraction) -> int | float:
    if value.denominator == 1:
        return int(value)
    return float(Decimal(value.numerator) / Decimal(value.denominator))


def _fraction(value: Any) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _least_common(one: Fraction, other: Fraction) -> Fraction:
    scale = math.lcm(one.denominator, other.denominator)
    return Fraction(math.lcm(int(one * scale), int(other * scale)), scale)


def _limit(closed: Any, open_: Any, tighter: Callable[..., Any]) -> Fraction | None:
    given = [_fraction(each) for each in (closed, open_) if each is not None]
    return tighter(given) if given else None


def _within(value: Any, facts: Facts) -> bool:
    return (
        (facts.least is None or value >= facts.least)
        and (facts.most is None or value <= facts.most)
        and (facts.over is None or value > facts.over)
        and (facts.under is None or value < facts.under)
    )


PHRASES = (
    "A red fox runs through fresh snow.",
    "slow dolly in",
    "A lighthouse in a storm, 35mm film, golden hour",
    "Ein Zug fährt über die Brücke, Nebel steigt auf",
    "Une pluie légère sur les toits de Paris",
    "一只红狐狸在雪地里奔跑",
    "夕暮れの海辺を歩く少女",
    "눈 덮인 산을 나는 드론",
    "ثعلب أحمر يركض في الثلج",
    "Красная лиса бежит по снегу",
    "बर्फ में दौड़ती एक लाल लोमड़ी",
    "שועל אדום רץ בשלג",
)
"""Prompts in several scripts, none of which needs more than one UTF-16 unit a character."""

PICTORIAL = ("🦊 runs through ❄️", "🎬 A film crew 👩🏽‍🚀 on the moon", "🌊🌊🌊", "𝒜 dream in 𝟛𝔻")
"""Prompts with characters beyond U+FFFF, which count twice where UTF-16 units are counted."""

_MEDIA = {
    "image": (("jpg", "png", "webp"), ("image/png", "image/jpeg", "image/webp"), b"\x89PNG\r\n\x1a\n"),
    "video": (("mp4", "mov", "webm"), ("video/mp4", "video/webm", "video/quicktime"), b"\x00\x00\x00 ftypisom"),
    "audio": (("mp3", "wav", "ogg"), ("audio/mpeg", "audio/wav", "audio/ogg"), b"ID3\x04\x00\x00"),
}
"""For each kind of medium its file endings, its types, and the bytes that such a file begins with."""

_HOSTS = st.sampled_from(("example.com", "cdn.example.org", "media.example.net:8443"))
_NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
_TAILS = st.sampled_from(("", "?v=2", "?token=a%20b&x=1"))


_FILES = st.builds(
    "{}.{}".format,
    st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-_ ", min_size=1, max_size=12),
    st.sampled_from([ending for endings, _, _ in _MEDIA.values() for ending in endings]),
)


def _url(host: str, name: str, ending: str, tail: str) -> str:
    return f"https://{host}/{name}{ending}{tail}"


def urls(ending: str = "") -> Values:
    """Addresses with a host, a path and sometimes a query."""
    return st.builds(_url, _HOSTS, _NAMES, st.just(ending), _TAILS)


def _data_uri(kind: str, body: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"


def data_uris(kind: str, head: bytes) -> Values:
    """Data URIs of one media type, with a body that begins as such files do."""
    return st.binary(max_size=24).map(lambda tail: _data_uri(kind, head + tail))


def _uuid_samples() -> tuple[str, ...]:
    return "3f2b8c1e-9a4d-4e6f-8b7a-5c0d1e2f3a4b", "00000000-0000-4000-8000-000000000000"


def prompts(shortest: int, longest: int, phrases: Iterable[str]) -> Values:
    """Prose made of phrases, between two lengths."""
    phrase = st.sampled_from(tuple(phrases))

    def fitted(parts: list[str]) -> str:
        text = " ".join(parts)
        while len(text) < shortest:
            text = f"{text} {parts[0]}"
        return text[:longest] if len(text) > longest else text

    return st.lists(phrase, min_size=1, max_size=3).map(fitted)


def _texts(facts: Facts, name: str, today: date, sizes: Sizes) -> Iterator[Family]:
    longest = min(facts.longest if facts.longest is not None else sizes.text, sizes.text)

    def holds(text: str) -> bool:
        return (
            facts.shortest <= len(text)
            and (facts.longest is None or len(text) <= facts.longest)
            and all(dialect.matches(each, text) for each in facts.patterns)
            and all(dialect.conforms(each, text) for each in facts.formats)
        )

    known = [family for family in _known(name, today) if all(map(holds, family.samples))]
    if facts.patterns or facts.formats:
        yield from known
        made: tuple[str, ...] = ()
        if not known or (facts.patterns and (facts.shortest or facts.longest is not None)):
            made = tuple(dict.fromkeys(each for each in _made(facts, longest) if holds(each)))
        for text in made:
            yield one(text)
        if not known and not made:
            yield from _by_schema(facts, holds)
        return
    prose = prompts(facts.shortest, max(longest, 0), PHRASES)
    yield Family((_sized(PHRASES[0], facts.shortest, longest),), prose)
    pictures = prompts(facts.shortest, min(longest, 200), PICTORIAL)
    yield Family((_sized(PICTORIAL[0], facts.shortest, longest),), pictures)
    ends = [facts.shortest]
    if facts.longest is not None and facts.longest <= sizes.text:
        ends += [facts.longest, facts.longest - 1]
    for length in dict.fromkeys(each for each in ends if each >= 0):
        yield one(_sized(PHRASES[0], length, length))
    for family in known:  # a rule may ask for what the schema leaves open
        yield family._replace(instead=True)


def _sized(text: str, shortest: int, longest: int) -> str:
    if len(text) < shortest:
        text = (f"{text} " * (shortest // (len(text) + 1) + 1))[:shortest]
        text = text.rstrip(" ").ljust(shortest, ".")
    return text[: max(longest, 0)]


def _known(name: str, today: date) -> Iterator[Family]:
    """The families that a person would name, for values with a pattern or a format."""
    likely = texts.likely(name)
    media = [kind for kind in _MEDIA if any(kind in each for each in likely)] or list(_MEDIA)
    yield Family(_uuid_samples(), st.uuids(version=4).map(str))
    for kind in media:
        endings, types, head = _MEDIA[kind]
        for ending in endings[:2]:
            samples = tuple(_url("example.com", kind, f".{ending}", tail) for tail in ("", "?v=2"))
            yield Family(samples, urls(f".{ending}"))
        for each in types:
            yield Family((_data_uri(each, head), _data_uri(each, head + b"\0\0")), data_uris(each, head))
    yield Family(("https://example.com/hook", "https://media.example.net:8443/a?v=2"), urls())
    yield Family(
        ("iVBORw0KGgo=", "SUQzBAAAAAA="),
        st.binary(min_size=6, max_size=30).map(lambda body: base64.b64encode(body).decode()),
    )
    days = st.dates(today - timedelta(days=60), today).map(date.isoformat)
    yield Family(((today - timedelta(days=1)).isoformat(), (today - timedelta(days=30)).isoformat()), days)
    yield Family(("clip.mp4", "still.png", "voice.mp3"), _FILES)
    yield Family(("cat", "fox_2"), st.from_regex(r"\A[a-z][a-z0-9_]{2,11}\Z"))


def _made(facts: Facts, longest: int) -> Iterator[str]:
    """Texts of the patterns, found by walking them; and at the limits of the length."""
    asked = (*map(texts.pattern, facts.patterns), *map(texts.format_, facts.formats))
    node = language.both(*(each.within for each in asked))
    most = facts.longest if facts.longest is not None and facts.longest <= longest else None
    yield from language.samples(node, 4, facts.shortest, most)
    if most is not None:
        yield from language.samples(node, 1, most, most)


def _by_schema(facts: Facts, holds: Callable[[str], bool]) -> Iterator[Family]:
    """What no family of ours has: the strategy of hypothesis-jsonschema, where it can make a text at all."""
    from hypothesis_jsonschema import from_schema  # heavy, and seldom needed

    schema: dict[str, Any] = {"type": "string", "minLength": facts.shortest}
    if facts.longest is not None:
        schema["maxLength"] = facts.longest
    if len(facts.patterns) > 1:
        schema["allOf"] = [{"pattern": each} for each in facts.patterns]
    elif facts.patterns:
        schema["pattern"] = facts.patterns[0]
    if len(facts.formats) == 1:
        schema["format"] = facts.formats[0]
    sample = texts.realise(
        {
            **{texts.pattern(each): True for each in facts.patterns},
            **{texts.format_(each): True for each in facts.formats},
        },
        texts.Extent(facts.shortest, facts.longest),
    ).text
    if sample is not None and holds(sample):
        yield Family((sample,), st.one_of(st.just(sample), from_schema(schema)))
