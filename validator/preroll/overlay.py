"""
Corrections: OpenAPI Overlay 1.1 documents that mend contradictions in a published document.

An overlay is a list of actions, each a JSONPath `target` (RFC 9535) with `update`, `remove` or `copy`. Beyond
the specification an action carries `x-id` (the actions of one id are one correction: all apply or none),
`x-why`, `x-evidence` (quotes and where they stand), `x-replaces` (hashes of the nodes that it changes) and
`x-judgement` (true where the vendor's words leave a choice). A correction whose target, hash or quote no
longer fits is stale: it is reported and not applied.

Applying needs the JSONPath package and is done when the data is compiled. At start-up a corrected document is
`patched(published, patch)`, with `Origins` leading back to the published places.

Source: OpenAPI Overlay Specification 1.1.0, https://spec.openapis.org/overlay/v1.1.0.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from preroll.pointer import ABSENT, Path, look_up, parse, text


class OverlayError(ValueError):
    """
    An overlay that cannot be read, or an action that does not fit what it selects.

    Attributes:
        action: the index of the action, or -1 for the overlay itself.
        problem: a sentence about it.
    """

    def __init__(self, action: int, problem: str) -> None:
        super().__init__(action, problem)
        self.action, self.problem = action, problem

    def __str__(self) -> str:
        return f"action {self.action}: {self.problem}" if self.action >= 0 else self.problem


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence of the vendor's, and the JSON Pointer at which it stands in the published document."""

    quote: str
    at: str


@dataclass(frozen=True, slots=True)
class Action:
    """
    One action of an overlay.

    Attributes:
        target: JSONPath of the nodes to change.
        update: what to merge into them (`ABSENT` where the action is another).
        copy: JSONPath of the one node to merge into them instead, or "".
        remove: whether they are removed.
        id: the correction it belongs to.
        why, evidence, judgement: see the module.
        replaces: SHA-256 of the canonical JSON of each selected node before the action, in document order.
    """

    target: str
    update: Any = ABSENT
    copy: str = ""
    remove: bool = False
    id: str = ""
    why: str = ""
    evidence: tuple[Evidence, ...] = ()
    replaces: tuple[str, ...] = ()
    judgement: bool = False

    def to_data(self) -> dict[str, Any]:
        """The action as plain JSON data."""
        data: dict[str, Any] = {"target": self.target, "x-id": self.id}
        if self.why:
            data["x-why"] = self.why
        if self.judgement:
            data["x-judgement"] = True
        if self.evidence:
            data["x-evidence"] = [{"quote": each.quote, "at": each.at} for each in self.evidence]
        if self.replaces:
            data["x-replaces"] = list(self.replaces)
        if self.remove:
            data["remove"] = True
        elif self.copy:
            data["copy"] = self.copy
        else:
            data["update"] = self.update
        return data


@dataclass(frozen=True, slots=True)
class Overlay:
    """
    An overlay document.

    Attributes:
        title, version: from its `info`.
        reference: URI reference of the document it was made for, as written (`extends`), or "".
        targets: names of the targets whose documents it corrects (`x-targets`), as globs.
        actions: in order.
    """

    title: str
    version: str
    reference: str = ""
    targets: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def extends(self) -> str:
        """The file name of the document it was made for, or ""."""
        return self.reference.rpartition("/")[2]

    def to_data(self) -> dict[str, Any]:
        """The overlay as plain JSON data, from which `read` makes it again."""
        data: dict[str, Any] = {"overlay": "1.1.0", "info": {"title": self.title, "version": self.version}}
        if self.reference:
            data["extends"] = self.reference
        if self.targets:
            data["x-targets"] = list(self.targets)
        return {**data, "actions": [each.to_data() for each in self.actions]}


@dataclass(frozen=True, slots=True)
class Stale:
    """A correction that does not fit the document, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Origins:
    """
    Where the places of a corrected document stand in the published one.

    Attributes:
        moved: places whose published address is another, with that address; what lies below moves along.
        added: places that were not published, with the nearest published ancestor.
    """

    moved: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, str] = field(default_factory=dict)

    def published(self, pointer: str) -> str:
        """The published address of a place of the corrected document, or its nearest published ancestor."""
        head, rest = pointer, ""
        while True:
            if head in self.added:
                return self.added[head]
            if head in self.moved:
                return self.moved[head] + rest
            if not head:
                return pointer
            cut = head.rindex("/")
            head, rest = head[:cut], head[cut:] + rest

    def to_data(self) -> dict[str, Any]:
        """Plain JSON data; `Origins(**data)` reads it."""
        return {"moved": dict(self.moved), "added": dict(self.added)}


@dataclass(frozen=True, slots=True)
class Applied:
    """
    A corrected document.

    Attributes:
        document: the result; parts that no action touched may be shared with nobody.
        changed: for each correction that was applied, the JSON Pointers that it set, changed or removed
            something
            at, in the corrected document.
        stale: the corrections that were not applied.
        origins: the way back to the published document.
    """

    document: Any
    changed: Mapping[str, tuple[str, ...]]
    stale: tuple[Stale, ...]
    origins: Origins


def read(data: Any) -> Overlay:
    """
    Read an overlay from plain data (parsed YAML or JSON).

    Raises:
        OverlayError: it is no Overlay 1.x document, or an action is malformed.
    """
    if not isinstance(data, Mapping) or not str(data.get("overlay", "")).startswith("1."):
        raise OverlayError(-1, "it is no OpenAPI Overlay 1.x document: `overlay: 1.1.0` is missing")
    info, actions = data.get("info"), data.get("actions")
    if not isinstance(info, Mapping) or not isinstance(actions, list) or not actions:
        raise OverlayError(-1, "an overlay needs `info` and at least one of `actions`")
    return Overlay(
        title=str(info.get("title", "")),
        version=str(info.get("version", "")),
        reference=str(data.get("extends", "")),
        targets=tuple(data.get("x-targets", ())),
        actions=tuple(_action(each, index) for index, each in enumerate(actions)),
    )


_KEYS = ("target", "description", "update", "copy", "remove")


def _action(data: Any, index: int) -> Action:
    if not isinstance(data, Mapping) or not isinstance(data.get("target"), str):
        raise OverlayError(index, "it has no `target`")
    for key in data:
        if key not in _KEYS and not str(key).startswith("x-"):
            raise OverlayError(index, f"it does not know `{key}`")
    if sum(key in data for key in ("update", "copy")) + bool(data.get("remove")) != 1:
        raise OverlayError(index, "it needs one of `update`, `copy` and `remove`")
    try:
        evidence = tuple(Evidence(each["quote"], each["at"]) for each in data.get("x-evidence", ()))
    except (KeyError, TypeError):
        raise OverlayError(index, "an `x-evidence` is {quote, at}") from None
    return Action(
        target=data["target"],
        update=data.get("update", ABSENT),
        copy=data.get("copy", ""),
        remove=bool(data.get("remove")),
        id=str(data.get("x-id", f"action-{index}")),
        why=str(data.get("x-why", "")),
        evidence=evidence,
        replaces=tuple(data.get("x-replaces", ())),
        judgement=bool(data.get("x-judgement")),
    )


def canonical_hash(value: Any) -> str:
    """SHA-256 of a JSON value written with sorted keys and no white space."""
    import json
    from hashlib import sha256

    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_number)
    return sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _number(value: Any) -> Any:
    """A number that an exact parser kept in a type of its own."""
    number = float(value)
    return int(value) if number.is_integer() else number


def apply(document: Any, overlay: Overlay | Mapping[str, Any]) -> Applied:
    """
    Correct a published document; the input is not changed.

    Actions apply in order, each to the result of those before it. A correction that is stale is left out as a
    whole, and what follows is applied as if it were not there.

    Raises:
        OverlayError: the overlay cannot be read, or a value does not fit the node that it is merged into.
    """
    overlay = overlay if isinstance(overlay, Overlay) else read(overlay)
    stale: dict[str, str] = {}
    for action in overlay.actions:
        lost = next((each for each in action.evidence if not _stands(document, each)), None)
        if lost is not None:
            stale.setdefault(action.id, f"the quote {lost.quote!r} no longer stands at {lost.at}")
    while True:  # each round leaves out at least one more correction, so there are as many rounds as corrections
        tree, problem = _Tree(document), None
        changed: dict[str, dict[Path, None]] = {}
        for index, action in enumerate(overlay.actions):
            if action.id in stale:
                continue
            places = tree.select(action.target, index)
            problem = _unfit(tree.value, action, places)
            if problem is None and action.copy and len(tree.select(action.copy, index)) != 1:
                problem = f"{action.copy} does not select one node to copy"
            if problem is not None:
                stale[action.id] = problem
                break
            changed.setdefault(action.id, {}).update(dict.fromkeys(tree.act(action, places, index)))
        if problem is None:
            break
    order = list(dict.fromkeys(each.id for each in overlay.actions))
    return Applied(
        document=tree.value,
        changed={each: tuple(map(text, changed[each])) for each in order if each in changed},
        stale=tuple(Stale(each, stale[each]) for each in order if each in stale),
        origins=tree.origins(),
    )


def _stands(document: Any, evidence: Evidence) -> bool:
    found = look_up(document, parse(evidence.at))
    return isinstance(found, str) and evidence.quote in found


def _unfit(tree: Any, action: Action, places: list[Path]) -> str | None:
    if not places:
        return f"{action.target} selects nothing"
    if action.replaces:
        hashes = tuple(canonical_hash(look_up(tree, each)) for each in places)
        if hashes != action.replaces:
            return f"what {action.target} selects is no longer what the correction was made for"
    return None


class _Tree:
    """A document being changed, and in step with it where each of its nodes was published."""

    def __init__(self, document: Any) -> None:
        self.value = _copied(document)
        self._origin = _Origin.of(document, ())

    def select(self, path: str, action: int) -> list[Path]:
        from jsonpath import JSONPathEnvironment, JSONPathError

        try:
            matches = JSONPathEnvironment(strict=True).finditer(path, self.value)
            return [tuple(each.parts) for each in matches]
        except JSONPathError as problem:
            raise OverlayError(action, f"{path} is not a JSONPath: {problem}") from None

    def act(self, action: Action, places: list[Path], index: int) -> Iterator[Path]:
        """Apply one action and yield the places that it touched."""
        if action.remove:
            for place in sorted(places, key=_removal_order, reverse=True):
                if not place:
                    raise OverlayError(index, "the whole document cannot be removed")
                holder, origin = look_up(self.value, place[:-1]), self._origin.at(place[:-1])
                del holder[place[-1]]
                del origin.parts[place[-1]]
                yield place[:-1]
            return
        source, published = action.update, None
        if action.copy:
            (place,) = self.select(action.copy, index)
            # A copy, because the node may be, or lie around, one of those that it is merged into.
            source, published = _copied(look_up(self.value, place)), self._origin.at(place).copied()
        for place in places:
            yield from self._merge(place, source, published, index)

    def _merge(self, place: Path, source: Any, origin: _Origin | None, index: int) -> Iterator[Path]:
        target, here = look_up(self.value, place), self._origin.at(place)
        if isinstance(target, list):
            listed = source if isinstance(source, list) else [source]
            parts = origin.parts if origin is not None and isinstance(source, list) else None
            for offset, each in enumerate(listed):
                yield (*place, len(target))
                target.append(_copied(each))
                here.parts.append(parts[offset].copied() if parts is not None else _Origin.of(each, None))
        elif isinstance(target, dict) and isinstance(source, dict):
            for key, each in source.items():
                part = origin.parts[key] if origin is not None else None
                if key in target:
                    yield from self._merge((*place, key), each, part, index)
                    continue
                target[key] = _copied(each)
                here.parts[key] = part.copied() if part is not None else _Origin.of(each, None)
                yield (*place, key)
        elif isinstance(target, dict) or isinstance(source, (dict, list)):
            raise OverlayError(index, f"what stands at {text(place) or 'the root'} cannot be merged with the update")
        elif not place:
            raise OverlayError(index, "the whole document cannot be replaced")
        else:
            look_up(self.value, place[:-1])[place[-1]] = source
            yield place

    def origins(self) -> Origins:
        moved: dict[str, str] = {}
        added: dict[str, str] = {}
        self._origin.write("", "", moved, added)
        return Origins(moved, added)


def _removal_order(place: Path) -> tuple[tuple[int, int, str], ...]:
    """Later items before earlier ones, and what lies inside before what holds it."""
    return tuple((0, key, "") if isinstance(key, int) else (1, 0, key) for key in place)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value


@dataclass(slots=True)
class _Origin:
    """Where a node was published (None for one that was not), and the same for its parts."""

    place: Path | None
    parts: Any

    @classmethod
    def of(cls, value: Any, place: Path | None) -> _Origin:
        def below(key: str | int) -> Path | None:
            return None if place is None else (*place, key)

        if isinstance(value, dict):
            return cls(place, {key: cls.of(each, below(key)) for key, each in value.items()})
        if isinstance(value, list):
            return cls(place, [cls.of(each, below(index)) for index, each in enumerate(value)])
        return cls(place, None)

    def at(self, path: Path) -> _Origin:
        node = self
        for key in path:
            node = node.parts[key]
        return node

    def copied(self) -> _Origin:
        if isinstance(self.parts, dict):
            return _Origin(self.place, {key: each.copied() for key, each in self.parts.items()})
        if isinstance(self.parts, list):
            return _Origin(self.place, [each.copied() for each in self.parts])
        return _Origin(self.place, None)

    def write(self, here: str, known: str, moved: dict[str, str], added: dict[str, str]) -> None:
        """Note where this node's address differs from `known`, the one that follows from its parent's."""
        items: Iterable[tuple[str | int, _Origin]] = ()
        if isinstance(self.parts, dict):
            items = self.parts.items()
        elif isinstance(self.parts, list):
            items = enumerate(self.parts)
        for key, part in items:
            step = text((key,))
            if part.place is None:
                added[here + step] = known
                part.write_copies(here + step, known, moved, added)
                continue
            true = text(part.place)
            if true != known + step:
                moved[here + step] = true
            part.write(here + step, true, moved, added)

    def write_copies(self, here: str, known: str, moved: dict[str, str], added: dict[str, str]) -> None:
        """Inside a node that was not published only copied parts have an address."""
        items = self.parts.items() if isinstance(self.parts, dict) else enumerate(self.parts or ())
        for key, part in items:
            step = here + text((key,))
            if part.place is None:
                part.write_copies(step, known, moved, added)
            else:
                moved[step] = text(part.place)
                part.write(step, moved[step], moved, added)


def reanchor(document: Any, overlay: Overlay | Mapping[str, Any]) -> tuple[Overlay, tuple[str, ...]]:
    """
    Fit an overlay to a document: fresh hashes, and quotes that moved are found again.

    Returns:
        The overlay, and a sentence for everything that changed or could not be fitted. Whether the
        corrections still mean the same is for a reviewer to say: a fresh hash is not a proof.

    Raises:
        OverlayError: the overlay cannot be read, or a value does not fit the node that it is merged into.
    """
    overlay = overlay if isinstance(overlay, Overlay) else read(overlay)
    tree, told, fresh = _Tree(document), [], []
    for index, action in enumerate(overlay.actions):
        evidence = []
        for each in action.evidence:
            moved = each if _stands(document, each) else _moved(document, each)
            if moved is None:
                told.append(f"{action.id}: the quote {each.quote!r} is nowhere in the document")
            elif moved != each:
                told.append(f"{action.id}: the quote {each.quote!r} moved from {each.at} to {moved.at}")
            evidence.append(moved or each)
        places = tree.select(action.target, index)
        hashes = tuple(canonical_hash(look_up(tree.value, each)) for each in places)
        if not places:
            told.append(f"{action.id}: {action.target} selects nothing")
        elif hashes != action.replaces:
            told.append(f"{action.id}: {action.target} selects {len(places)} node(s) with other content")
        fresh.append(replace(action, evidence=tuple(evidence), replaces=hashes or action.replaces))
        if places and (not action.copy or len(tree.select(action.copy, index)) == 1):
            list(tree.act(action, places, index))
    return replace(overlay, actions=tuple(fresh)), tuple(told)


def quote_places(document: Any, quote: str) -> tuple[str, ...]:
    """The JSON Pointers of the texts of a document that hold a quote, in document order."""
    found: list[str] = []

    def walk(value: Any, here: str) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                walk(each, here + text((key,)))
        elif isinstance(value, list):
            for index, each in enumerate(value):
                walk(each, f"{here}/{index}")
        elif isinstance(value, str) and quote in value:
            found.append(here)

    walk(document, "")
    return tuple(found)


def _moved(document: Any, evidence: Evidence) -> Evidence | None:
    from difflib import SequenceMatcher

    places = quote_places(document, evidence.quote)
    if not places:
        return None
    was = evidence.at.split("/")
    best = max(places, key=lambda each: SequenceMatcher(None, was, each.split("/")).ratio())
    return Evidence(evidence.quote, best)


def changes(before: Any, after: Any) -> list[dict[str, Any]]:
    """
    The JSON Patch (RFC 6902, `add`, `remove` and `replace` only) that makes `after` of `before`.

    It is compact where the two share most of their parts: objects are compared by member, arrays by what
    their beginnings and ends have in common.
    """
    return list(_changes(before, after, ""))


def _changes(before: Any, after: Any, here: str) -> Iterator[dict[str, Any]]:
    if _same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            if key not in after:
                yield {"op": "remove", "path": here + text((key,))}
        for key, each in after.items():
            if key in before:
                yield from _changes(before[key], each, here + text((key,)))
            else:
                yield {"op": "add", "path": here + text((key,)), "value": each}
    elif isinstance(before, list) and isinstance(after, list):
        start, shorter = 0, min(len(before), len(after))
        while start < shorter and _same(before[start], after[start]):
            start += 1
        end = 0
        while end < shorter - start and _same(before[-1 - end], after[-1 - end]):
            end += 1
        old, new = len(before) - end, len(after) - end
        both = min(old, new)
        for index in range(start, both):
            yield from _changes(before[index], after[index], f"{here}/{index}")
        for index in reversed(range(both, old)):
            yield {"op": "remove", "path": f"{here}/{index}"}
        for index in range(both, new):
            yield {"op": "add", "path": f"{here}/{index}", "value": after[index]}
    else:
        yield {"op": "replace", "path": here, "value": after}


def _same(left: Any, right: Any) -> bool:
    """Equality that tells `true` from 1 and 1 from 1.0: a patch must bring back what was there."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(each, right[key]) for key, each in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)


def patched(document: Any, patch: Iterable[Mapping[str, Any]]) -> Any:
    """
    Apply a patch of `changes` (RFC 6902 `add`, `remove`, `replace`); the input is not changed.

    What the patch does not touch is shared with the input, so a small patch costs little.

    Raises:
        ValueError: an operation is of another kind, or its place does not exist.
    """
    for each in patch:
        operation, path = each["op"], parse(each["path"])
        if operation not in ("add", "remove", "replace"):
            raise ValueError(f"{operation!r} is not an operation of these patches")
        document = _patched(document, path, operation, each.get("value"), each["path"])
    return document


def _patched(node: Any, path: tuple[str, ...], operation: str, value: Any, whole: str) -> Any:
    if not path:
        if operation == "remove":
            raise ValueError("the whole document cannot be removed")
        return value
    head, rest = path[0], path[1:]
    if isinstance(node, list):
        index = len(node) if head == "-" else int(head) if head.isascii() and head.isdigit() else -1
        if not 0 <= index < len(node) + (operation == "add" and not rest):
            raise ValueError(f"there is no place {whole}")
        items = list(node)
        if rest or operation == "replace":
            items[index] = _patched(items[index], rest, operation, value, whole)
        elif operation == "add":
            items.insert(index, value)
        else:
            del items[index]
        return items
    if not isinstance(node, dict) or (head not in node and (rest or operation != "add")):
        raise ValueError(f"there is no place {whole}")
    members = dict(node)
    if rest:
        members[head] = _patched(members[head], rest, operation, value, whole)
    elif operation == "remove":
        del members[head]
    else:
        members[head] = value
    return members
