"""A file name has a certain extension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from preroll.pointer import Path
from preroll.rules import clearance, exactly
from preroll.rules import place as places
from preroll.rules.kind import Context, Finding
from preroll.rules.parameter import Hasty, Parameter, many_places, texts


@dataclass(frozen=True, slots=True)
class FilenameType(Hasty):
    """
    The file names at `places` end in a dot and one of `extensions`, without regard to case.

    `expected` is `{"extension", "extensions"}`, the extension being "" where the name has none.
    """

    name: ClassVar[str] = "filename-type"
    scope: ClassVar[str] = "task"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "places": Parameter(many_places),
        "extensions": Parameter(texts),
    }

    places: tuple[Path, ...]
    extensions: tuple[str, ...]

    def touches(self) -> tuple[Path, ...]:
        """The names."""
        return tuple(map(places.root, self.places))

    def clear(self) -> dict[str, Any] | None:
        """Names that end in a listed extension, in lower case."""
        if not all(each.isalnum() and each.isascii() for each in self.extensions):
            return None
        look = {"pattern": rf"\.(?:{'|'.join(self.extensions)})$"}
        return {"allOf": [clearance.at(each, look) for each in self.places]}

    def schema(self) -> dict[str, Any] | None:
        """The name ends in a dot and a listed extension, in any case."""
        if any("." in each for each in self.extensions):
            return {"allOf": [clearance.at(each, {"not": {"type": "string"}}) for each in self.places]}
        endings = "|".join(map(exactly.folded, self.extensions))
        return exactly.texts(self.places, {"pattern": rf"\.(?:{endings})$"})

    def check(self, instance: Any, context: Context) -> Iterator[Finding]:
        """Every name with another extension, or none."""
        for place in self.places:
            for path, value in places.found(instance, place):
                if not isinstance(value, str):
                    continue
                _, dot, extension = value.rpartition(".")
                if dot and extension.lower() in self.extensions:
                    continue
                listed = {"extension": extension if dot else "", "extensions": list(self.extensions)}
                yield Finding(path, expected=listed, actual=value)

    def say(self, expected: Any, actual: Any) -> str:
        """E.g. ".b is not the extension of a supported file type"."""
        extension = expected["extension"]
        return f".{extension} is not the extension of a supported file type" if extension else "it has no extension"
