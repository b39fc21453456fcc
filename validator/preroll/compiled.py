"""
The compiled index: everything under `schemas/` that is not a document, as one JSON file.

`python -m preroll.compiled` writes `schemas/compiled.json`; a test fails when it is stale. The start-up path
reads it instead of YAML, applies corrections as ready patches instead of JSONPath, and reads a document only
when a payload needs it.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import orjson

from preroll import document, overlay, registry
from preroll.envelope import Envelope
from preroll.rules import load_rules, to_data

FILE = "compiled.json"


def compiled(root: Path) -> bytes:
    """
    The text of the index for a folder laid out like `schemas/`.

    Raises:
        DocumentError, RuleError, OverlayError: something under the folder is wrong; says where.
    """
    from preroll import source  # YAML only here

    listed = tomllib.loads((root / "sources.toml").read_text(encoding="utf-8"))["document"]
    names = sorted({each["vendor"] for each in listed})
    vendors: dict[str, dict[str, Any]] = {}
    for name in names:
        folder = root / name
        rules = folder / "rules.yaml"
        vendors[name] = {
            "envelope": source.read_yaml((folder / "envelope.yaml").read_bytes(), f"{name}/envelope.yaml"),
            "rules": source.read_yaml(rules.read_bytes(), f"{name}/rules.yaml") if rules.is_file() else None,
            "overlays": [
                [overlay.read(data).extends, data]
                for file in sorted((folder / "corrections").glob("*.overlay.yaml"))
                for data in [source.read_yaml(file.read_bytes(), f"{name}/corrections/{file.name}")]
            ],
        }
    documents: list[dict[str, Any]] = []
    targets: list[dict[str, Any]] = []
    rules_of: dict[str, list[str]] = {}
    stale: dict[str, str] = {}
    taken: set[str] = set()
    for each in listed:
        vendor = vendors[each["vendor"]]
        file = f"{each['vendor']}/{each['file']}"
        raw = (root / file).read_bytes()
        tree = orjson.loads(raw)
        corrected, changed, left, origins = tree, {}, [], []
        for extended, data in vendor["overlays"]:
            if extended == each["file"]:
                applied = overlay.apply(corrected, data)
                corrected = applied.document
                origins.append(applied.origins.to_data())
                changed.update({name: list(touched) for name, touched in applied.changed.items()})
                left += [[one.id, one.reason] for one in applied.stale]
        read = document.load(tree, name=file, vendor=each["vendor"], corrected=corrected)
        envelope = Envelope.of(vendor["envelope"])
        found = [
            one
            for one in registry._targets_of(read, envelope)  # noqa: SLF001  # the index is the registry's
            if one.name not in taken
        ]
        taken |= {one.name for one in found}
        targets += [one.to_data() for one in found]
        if vendor["rules"]:
            rules = load_rules(vendor["rules"])
            for one in found:
                rules_of[one.name] = [rule.id for rule in registry.applicable(rules, one, tree)]
            stale.update(registry.stale_rules(rules, found, tree))
        documents.append(
            {
                "key": file,
                "file": file,
                "vendor": each["vendor"],
                "title": each["title"],
                "version": each["version"],
                "date": each.get("date", ""),
                "sha256": document.digest(raw),
                "patch": overlay.changes(tree, corrected),
                "origins": origins,
                "changed": changed,
                "stale": left,
            }
        )
    index = {
        "documents": documents,
        "vendors": {
            name: {**vendor, "rules": to_data(load_rules(vendor["rules"])) if vendor["rules"] else None}
            for name, vendor in vendors.items()
        },
        "targets": targets,
        "rules": {name: ids for name, ids in rules_of.items() if ids},
        "stale": stale,
    }
    return orjson.dumps(index, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def main(arguments: list[str]) -> int:
    """Write the index; with `--check` only say whether it is up to date."""
    root = registry.data_root()
    fresh = compiled(root)
    target = root / FILE
    if target.is_file() and target.read_bytes() == fresh:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{target} is stale: run `make compiled`\n")
        return 1
    target.write_bytes(fresh)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
