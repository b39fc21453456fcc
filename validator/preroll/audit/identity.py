"""
Identifiers: `$id`s that repeat or contradict each other, and what they do to references.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin

from preroll.audit.finding import ERROR, NOTE, Kind, Place
from preroll.audit.subject import Subject, remove

_IMAGE = {"$id": "https://example.com/image.json", "type": "string"}

CONFLICTING_ID = Kind(
    id="conflicting-ids",
    level=ERROR,
    title="two different schemas carry the same $id",
    why="Validators disagree about which of them a reference means: some take the first, some the last.",
    instead="Give each schema an $id of its own, or none.",
    example={"type": "object", "properties": {"a": _IMAGE, "b": {**_IMAGE, "maxLength": 5}}},
    mended={"type": "object", "properties": {"a": _IMAGE, "b": {"type": "string", "maxLength": 5}}},
)

REPEATED_ID = Kind(
    id="repeated-id",
    level=NOTE,
    title="the same schema with the same $id stands in a document several times",
    why="Bundlers and some validators refuse a document in which an $id is declared twice, even where the two agree.",
    instead="Keep one and refer to it.",
    example={"type": "object", "properties": {"a": _IMAGE, "b": _IMAGE}},
    mended={"type": "object", "properties": {"a": _IMAGE, "b": {"type": "string"}}},
)

CHANGED_BASE = Kind(
    id="id-changes-base",
    level=NOTE,
    title="an $id inside a document changes what `#/...` means below it",
    why="A reference that begins with `#/` is read from the nearest $id, not from the document; tools that copy "
    "schemas from one place to another stumble over it.",
    instead="Leave $id out of schemas that are part of a larger document.",
    example={"type": "object", "properties": {"a": _IMAGE}},
    mended={"type": "object", "properties": {"a": {"type": "string"}}},
)

KINDS = (CONFLICTING_ID, REPEATED_ID, CHANGED_BASE)


def check(subject: Subject) -> Iterator[Place]:
    """Every `$id` below a root, compared with those before it."""
    first: dict[str, tuple[str, object]] = {}
    for node in subject.nodes:
        identifier = node.schema.get("$id")
        if not isinstance(identifier, str) or (not subject.is_openapi and not node.path):
            continue
        base = ""
        for length in range(len(node.path)):
            holder = subject.by_path.get(node.path[:length])
            if holder is not None and isinstance(holder.schema.get("$id"), str):
                base = urljoin(base, holder.schema["$id"]) if base else holder.schema["$id"]
        address = urljoin(base, identifier) if base else identifier
        at = f"{node.pointer}/$id"
        if address in first:
            other, schema = first[address]
            same = schema == node.schema
            yield Place(
                REPEATED_ID if same else CONFLICTING_ID,
                at,
                f"the $id {address} stands at another place, too"
                + ("" if same else ", and the two schemas are not the same"),
                {"places": [subject.document.published_pointer(other)]},
                () if same else (remove(at),),
            )
            continue
        first[address] = (at, node.schema)
        if not identifier.startswith("#"):
            yield Place(
                CHANGED_BASE, at, f"below it `#/...` begins at {address}, not at the document", {"$id": address}
            )
