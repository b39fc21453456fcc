"""A text is a medium in one of the forms a vendor takes: UUID, URL, data URI or bare Base64."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, flag, many_places, some_of, texts

FORMS = ("uuid", "url", "data-uri", "base64")

# RFC 3986, section 3.1; at least two characters, so that a drive letter is no scheme.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+):", re.ASCII)
_AUTHORITY = re.compile(r"//(?:[^/?#]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#:]*)(?::(\d*))?(?=[/?#]|$)", re.ASCII)
_BLANK = re.compile(r"[\s\x00-\x20\x7f]")
_DATA = re.compile(r"data:([^;,]*)((?:;[^;,]*)*),", re.IGNORECASE)
# RFC 6838, section 4.2; no `*`, which stands for many types.
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&\-^_.+]{0,126}"
_MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
_BASE64_LETTERS = re.compile(r"[A-Za-z0-9+/=]+", re.ASCII)

# The same for schemas: ECMA-262, without the flags of Python. The host comes behind the last `@`.
_ANY_SCHEME = r"^[A-Za-z][A-Za-z0-9+.\-]+:"
_HOST = (
    r"//(?:[^/?#]*@)?(?:\[[:.]*[0-9A-Fa-f][0-9A-Fa-f:.]*\]|"
    r"[^/?#:@]*(?:[A-Za-z0-9_]|[^\u0000-\u007f])[^/?#:@]*)(?::[0-9]*)?"
)
_WORD = re.compile(r"[a-z][a-z0-9]+")

_WORDS = {
    "scheme": "{}: is not taken here",
    "host": "the URL names no host",
    "blank": "the URL holds white space",
    "data-uri": "a data URI is not taken here",
    "encoding": "the data URI is not Base64",
    "media-type": 'its media type "{}" is not of the form type/subtype',
    "family": "{} is another kind of medium than the wanted one",
    "empty": "it holds no data",
    "letters": "its data is not Base64",
    "length": "its data cannot be Base64: {} characters are no whole number of bytes",
    "padding": "the padding of its Base64 is wrong",
}


def _base64_fault(data: str) -> tuple[str, str] | None:
    """What keeps the text from being decoded (RFC 4648, section 4; missing padding is forgiven)."""
    if not data.rstrip("="):
        return "empty", ""
    if not _BASE64.fullmatch(data):
        return ("padding", "") if _BASE64_LETTERS.fullmatch(data) else ("letters", "")
    bare = data.rstrip("=")
    if len(bare) % 4 == 1:
        return "length", str(len(bare))
    if len(bare) != len(data) and len(data) % 4:
        return "padding", ""
    return None


@dataclass(frozen=True, slots=True)
class MediaInput(Hasty):
    """
    The texts at `places` are media in one of the forms `accepts`.

    Attributes:
        places: where the texts stand; other types are passed over.
        accepts: of `uuid`, `url`, `data-uri`, `base64`.
        schemes: of URLs, in small letters; compared without case.
        media: families of a data URI's media type (`image`), empty for any.
        examine: the forms whose inside is looked at; what has no listed form at all is refused only where
            `url`
            is among them (and left to the schema where it is neither a URI nor Base64 letters).
        blanks: whether white space in a URL is looked for; needless where the schema asserts `uri`.

    `expected` is `{"fault", "detail", "accepts", "schemes", "media"}`.
    """

    name: ClassVar[str] = "media-input"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "places": Parameter(many_places),
        "accepts": Parameter(some_of(*FORMS)),
        "schemes": Parameter(texts, ("http", "https")),
        "media": Parameter(texts, ()),
        "examine": Parameter(some_of(*FORMS), FORMS),
        "blanks": Parameter(flag, False),
    }

    places: tuple[Path, ...]
    accepts: tuple[str, ...]
    schemes: tuple[str, ...] = ("http", "https")
    media: tuple[str, ...] = ()
    examine: tuple[str, ...] = FORMS
    blanks: bool = False

    def touches(self) -> tuple[Path, ...]:
        """The places, or the lists that hold them."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """
        UUIDs, and plain URLs where they are taken; data takes a closer look.

        Of a URI in the sense of RFC 3986 the beginning alone has to be looked at: what follows holds no white space.
        """
        schemes = "|".join(each for each in self.schemes if each != "data" and _WORD.fullmatch(each))
        forms: list[dict[str, Any]] = [{"format": "uuid"}]
        if "url" in self.accepts and schemes:
            forms.append({"format": "uri", "pattern": rf"^(?:{schemes})://\w[\w.\-]*(?::\d+)?(?:[/?#]|$)"})
        return {"allOf": [clearance.at(each, {"anyOf": forms}) for each in self.places]}

    def schema(self) -> dict[str, Any] | None:
        """
        UUIDs and URLs; None where data is taken and looked at, which takes more than a pattern.

        Exact for texts of ASCII, which the format `uri` asks for anyway.
        """
        looked_into = {"data-uri", "base64"} & set(self.accepts) & set(self.examine)
        if looked_into or not all(map(_WORD.fullmatch, self.schemes)):
            return None
        if "url" not in self.examine:
            return {}
        schemes = [each for each in self.schemes if each != "data"] if "url" in self.accepts else []
        hosted = [exactly.folded(each) for each in schemes if each in ("http", "https")]
        forms = [f"{exactly.folded(each)}:" for each in schemes if each not in ("http", "https")]
        forms += [f"(?:{'|'.join(hosted)}):{_HOST}(?:[/?#]|$)"] if hosted else []
        look: dict[str, Any] = {"pattern": f"^(?:{'|'.join(forms)})"} if forms else {"not": {}}
        if self.blanks and forms:
            look = {"allOf": [look, {"not": {"pattern": r"[\s\u0000-\u0020\u007f]"}}]}
        if "data-uri" in self.accepts:
            look = {"anyOf": [{"pattern": f"^{exactly.folded('data')}:"}, look]}
        return exactly.texts(self.places, {"if": {"type": "string", "pattern": _ANY_SCHEME}, "then": look})

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every text that is no medium in a listed form."""
        for place in self.places:
            for path, value in places.found(instance, place):
                fault = self._fault(value) if isinstance(value, str) else None
                if fault is not None:
                    yield Finding(
                        path,
                        expected={
                            "fault": fault[0],
                            "detail": fault[1],
                            "accepts": list(self.accepts),
                            "schemes": list(self.schemes),
                            "media": list(self.media),
                        },
                        actual=value,
                    )

    def _fault(self, value: str) -> tuple[str, str] | None:
        matched = _SCHEME.match(value)
        if matched is None:
            if "base64" in self.accepts and "base64" in self.examine and _BASE64_LETTERS.fullmatch(value):
                return _base64_fault(value)
            return None
        scheme = matched[1].lower()
        if scheme == "data":
            if "data-uri" not in self.accepts:
                return ("data-uri", "") if "url" in self.examine else None
            return self._data_fault(value) if "data-uri" in self.examine else None
        if "url" not in self.examine:
            return None
        if scheme not in self.schemes or "url" not in self.accepts:
            return "scheme", matched[1]
        if self.blanks and _BLANK.search(value):
            return "blank", ""
        authority = _AUTHORITY.match(value, matched.end())
        if scheme in ("http", "https") and (authority is None or not re.search(r"\w", authority[1])):
            return "host", ""
        return None

    def _data_fault(self, value: str) -> tuple[str, str] | None:
        matched = _DATA.match(value)
        if matched is None:
            return "encoding", ""
        kind = matched[1]
        if kind and not _MEDIA_TYPE.fullmatch(kind):
            return "media-type", kind
        if self.media and kind.partition("/")[0].lower() not in self.media:
            return "family", kind or "text/plain"
        if not matched[2].lower().endswith(";base64"):
            return "encoding", ""
        data = value[matched.end() :]
        if "%" in data:
            from urllib.parse import unquote  # rare

            data = unquote(data)
        return _base64_fault(data)

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. "ftp: is not taken here; it should be a UUID or a URL of http or https"."""
        fault = _WORDS[expected["fault"]].format(expected["detail"])
        if expected["fault"] in ("scheme", "data-uri"):
            schemes = " or ".join(expected["schemes"])
            forms = {
                "uuid": "a UUID",
                "url": f"a URL of {schemes}",
                "data-uri": "a data URI",
                "base64": "Base64",
            }
            return f"{fault}; it should be {' or '.join(forms[each] for each in expected['accepts'])}"
        if expected["fault"] == "family":
            return f"{fault}: {' or '.join(expected['media'])}"
        return fault
