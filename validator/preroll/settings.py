"""
Settings: `[tool.preroll]` in `pyproject.toml`, or a `preroll.toml`.

`KEYS` is the whole list; the JSON Schema in `docs/settings.schema.json` is written from it
(`python -m preroll.settings`), and a test holds the two together.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from preroll.violation import SEVERITIES

FILES: Final = ("preroll.toml", "pyproject.toml")
SCHEMA_ID: Final = "urn:preroll:settings"
LEVELS: Final = (*SEVERITIES, "off")

PLACEHOLDERS: Final = (r"\{\{.*?\}\}", r"\$\{[^{}]*\}", r"^\s*<[^<>]+>\s*$")
"""Regular expressions for text that stands for a value to come: `{{ x }}`, `${x}`, and `<x>` alone."""


class SettingsError(ValueError):
    """
    Settings that cannot be used.

    Attributes:
        file: where they stand.
        key: the key at fault, dotted.
        problem: a sentence about it.
        nearest: the right key or value that was probably meant, or "".
    """

    def __init__(self, file: str, key: str, problem: str, nearest: str = "") -> None:
        super().__init__(file, key, problem, nearest)
        self.file, self.key, self.problem, self.nearest = file, key, problem, nearest

    def __str__(self) -> str:
        guess = f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{self.file}: {self.key}: {self.problem}{guess}"


_TEXTS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}
_MANY: Final = {"anyOf": [{"type": "string", "minLength": 1}, _TEXTS]}

KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "select": {
        "description": "Which values of a file are payloads: a JSONPath (RFC 9535), a list of them, or a table of"
        " them by file glob. Without it payloads are found by what they look like.",
        "anyOf": [*_MANY["anyOf"], {"type": "object", "additionalProperties": _MANY}],
    },
    "include": {"description": "Globs of the files in a folder to look into.", **_TEXTS},
    "exclude": {"description": "Globs of the files and folders in a folder to leave out.", **_TEXTS},
    "targets": {
        "description": "What the payloads of a file are meant for, by file glob; the first glob that fits counts.",
        "type": "object",
        "additionalProperties": {"type": "string", "minLength": 1},
    },
    "ignore": {"description": "Rules that are not told.", **_TEXTS},
    "per-file-ignores": {
        "description": "Rules that are not told in some files, by file glob; all globs that fit count.",
        "type": "object",
        "additionalProperties": _TEXTS,
    },
    "severity": {
        "description": "The severity of rules that have another one by default.",
        "type": "object",
        "additionalProperties": {"enum": list(LEVELS)},
    },
    "placeholders": {
        "description": "Regular expressions for text that stands for a value to come; they take the place of the"
        " usual ones.",
        **_TEXTS,
    },
    "documents": {"description": "More or other vendor documents: files or folders.", **_TEXTS},
    "rules": {"description": "Files of further rules, in the form of schemas/<vendor>/rules.yaml.", **_TEXTS},
    "envelopes": {
        "description": "Files of further envelopes, in the form of schemas/<vendor>/envelope.yaml.",
        **_TEXTS,
    },
    "wrappers": {
        "description": "What payloads are wrapped in, beside the usual names.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "lists": {"description": "Members that hold lists of jobs.", **_TEXTS},
            "addresses": {"description": "Members that name the operation: a path, a URL or a name.", **_TEXTS},
            "bodies": {"description": "Members that hold the body beside an address.", **_TEXTS},
        },
    },
    "unknown": {
        "description": "What a model is that no document describes.",
        "enum": ["warn", "error"],
    },
    "strict": {"description": "Warnings fail, too.", "type": "boolean"},
    "as-published": {"description": "Judge by the vendors' schemas alone.", "type": "boolean"},
    "jobs": {"description": "How many processes lint the files.", "type": "integer", "minimum": 1},
}
"""Every key with its JSON Schema."""


@dataclass(frozen=True)
class Settings:
    """
    What the user has settled for a folder and everything below it.

    Attributes:
        file: where it was read from, or None.
        values: the keys that are given, as in `KEYS`.
    """

    file: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The folder that globs and paths are relative to."""
        return self.file.absolute().parent if self.file is not None else Path.cwd()

    def get(self, key: str, default: Any = None) -> Any:
        """The value of one of `KEYS`."""
        assert key in KEYS, key
        return self.values.get(key, default)

    def paths(self, key: str) -> tuple[str, ...]:
        """The paths under a key, relative ones made absolute."""
        return tuple(str(self.root / each) for each in self.get(key, ()))

    @cached_property
    def ignored(self) -> frozenset[str]:
        """The rules that are told nowhere."""
        off = (rule for rule, level in self.get("severity", {}).items() if level == "off")
        return frozenset((*self.get("ignore", ()), *off))

    def ignored_in(self, name: str) -> frozenset[str]:
        """The rules that are not told in one file."""
        table = self.get("per-file-ignores", {})
        return self.ignored.union(*(rules for glob, rules in table.items() if self.fits(name, glob)))

    def target(self, name: str) -> str | None:
        """What the payloads of a file are meant for, or None."""
        return next((target for glob, target in self.get("targets", {}).items() if self.fits(name, glob)), None)

    def selected(self, name: str) -> tuple[str, ...]:
        """The JSONPaths that pick the payloads of a file."""
        value = self.get("select", ())
        if isinstance(value, Mapping):
            value = next((paths for glob, paths in value.items() if self.fits(name, glob)), ())
        return (value,) if isinstance(value, str) else tuple(value)

    def fits(self, name: str, glob: str) -> bool:
        """
        Whether a glob names a file: by its path below the settings' folder, or by its last part.

        `*` stands for any characters, slashes included; a folder's name stands for everything in it.
        """
        return matches(name if "://" in name else self._below(name), glob)

    def _below(self, name: str) -> str:
        """The path of a file from the settings' folder."""
        root = str(self.root)
        try:
            below = os.path.relpath(name, root)
            if below.startswith(".."):  # one of the two may be named by way of a link
                followed = os.path.relpath(os.path.realpath(name), os.path.realpath(root))
                below = below if followed.startswith("..") else followed
        except ValueError:  # on another drive
            below = name
        return below.replace(os.sep, "/")


def matches(name: str, glob: str) -> bool:
    """Whether a glob names a file, by its path below the folder that the glob is relative to (see `Settings.fits`)."""
    parts = name.split("/")
    glob = glob.removeprefix("./").removeprefix("**/")
    stem = glob.rstrip("/")
    below = any(fnmatchcase("/".join(parts[:length]), stem) for length in range(1, len(parts)))
    return below or fnmatchcase(name, glob) or ("/" not in glob and fnmatchcase(parts[-1], glob))


NONE: Final = Settings()
"""No settings at all."""


def found(start: Path | None = None) -> Settings:
    """
    The settings of a folder: of the nearest file, upwards, that holds some.

    Raises:
        SettingsError: the file cannot be read, or something in it is wrong.
    """
    folder = (start or Path.cwd()).resolve()
    for each in (folder, *folder.parents):
        for name in FILES:
            file = each / name
            if file.is_file():
                settings = read(file)
                if settings is not None:
                    return settings
    return NONE


def read(file: Path) -> Settings | None:
    """
    The settings of one file; None for a `pyproject.toml` without any.

    Raises:
        SettingsError: it cannot be read, or something in it is wrong.
    """
    import tomllib

    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(str(file), "the file", (error.strerror or "cannot be read").lower()) from None
    except UnicodeDecodeError:
        raise SettingsError(str(file), "the file", "it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(str(file), "the file", f"it is not TOML: {error}") from None
    if file.name == "pyproject.toml":
        tools = data.get("tool")
        if not isinstance(tools, dict) or "preroll" not in tools:
            return None
        data = tools["preroll"]
    return Settings(file, checked(data, str(file)))


def checked(data: Any, file: str) -> Mapping[str, Any]:
    """
    Settings as given, after a look at every key and value.

    Raises:
        SettingsError: one of them is wrong; names the nearest right one.
    """
    _check(data, {"type": "object", "additionalProperties": False, "properties": KEYS}, file, ())
    return dict(data)


def _check(value: Any, schema: Mapping[str, Any], file: str, path: tuple[str, ...]) -> None:
    """What JSON Schema would say, in the words of somebody who wants to help."""
    key = ".".join(path) or "the settings"
    if "anyOf" in schema:
        chosen = next((each for each in schema["anyOf"] if _is(value, each["type"])), None)
        if chosen is None:
            raise SettingsError(
                file, key, f"{value!r} is not {_listed([_WORDS[each['type']] for each in schema['anyOf']])}"
            )
        _check(value, chosen, file, path)
        return
    if "enum" in schema:
        if value not in schema["enum"]:
            raise SettingsError(
                file, key, f"{value!r} is not {_listed(schema['enum'])}", _nearest(value, schema["enum"])
            )
        return
    if not _is(value, schema["type"]):
        raise SettingsError(file, key, f"{value!r} is not {_WORDS[schema['type']]}")
    if schema.get("minLength") and not value:
        raise SettingsError(file, key, "it is empty")
    if value is not True and "minimum" in schema and value < schema["minimum"]:
        raise SettingsError(file, key, f"{value} is less than {schema['minimum']}")
    for index, each in enumerate(value) if isinstance(value, list) else ():
        _check(each, schema["items"], file, (*path, str(index)))
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name, each in value.items():
            inner = known.get(name, schema.get("additionalProperties"))
            if not inner:
                near = _nearest(name, known)
                raise SettingsError(
                    file, ".".join((*path, name)), "it is not known", ".".join((*path, near)) if near else ""
                )
            _check(each, inner, file, (*path, name))


_WORDS: Final = {
    "string": "a text",
    "array": "a list",
    "object": "a table",
    "boolean": "true or false",
    "integer": "a whole number",
}
_TYPES: Final = {"string": str, "array": list, "object": dict, "boolean": bool, "integer": int}


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and not (kind == "integer" and isinstance(value, bool))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _nearest(word: Any, known: Any) -> str:
    from difflib import get_close_matches  # only a mistake pays for it

    wanted = str(word).lower().replace("_", "-")
    return next(iter(get_close_matches(wanted, list(known), n=1, cutoff=0.5)), "")


def schema() -> dict[str, Any]:
    """The JSON Schema of the settings, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "preroll settings",
        "description": "The content of preroll.toml, or of [tool.preroll] in pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": dict(KEYS),
    }


def main(arguments: list[str]) -> int:
    """Write `docs/settings.schema.json`; with `--check` only say whether it is up to date."""
    import json

    target = Path(__file__).resolve().parents[2] / "docs" / "settings.schema.json"
    fresh = json.dumps(schema(), indent=2) + "\n"
    if target.is_file() and target.read_text(encoding="utf-8") == fresh:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{target} is stale: run `python -m preroll.settings`\n")
        return 1
    target.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
