"""
Drafts: corrections and rules that would make a disagreement vanish, for a person to review.

A draft is found by trying: it is written only where, applied, the document says of the payload what the service said.
It rests on one answer, so it says no more than that answer shows where that is possible.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preroll import dialect, overlay
from preroll import pointer as pointers
from preroll.document import DocumentError
from preroll.judgement import check
from preroll.pointer import ABSENT
from preroll.registry import Vendor, self_contained
from preroll.rules import RuleError, load_rules, to_data
from preroll_fuzz.contract.recording import file_name
from preroll_fuzz.contract.service import ContractError
from preroll_fuzz.contract.verdict import violations

if TYPE_CHECKING:
    from preroll.registry import Registry
    from preroll.target import Target
    from preroll_fuzz.contract.agenda import Agenda, Planned
    from preroll_fuzz.contract.finding import Finding
    from preroll_fuzz.contract.running import Result

CORRECTION, RULE = "correction", "rule"

HEADING = """\
# A draft, made by `preroll contract --drafts` from one answer of the service, for a person to review.
# It rests on what was observed, not on the vendor's words: x-observed says when and what.
"""

_BOUNDS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


def written(result: Result, folder: Path, recordings: str | None) -> Result:
    """
    The result with a draft, or why there is none, in each finding that one could mend; the drafts are written.

    Raises:
        ContractError: a draft cannot be written.
    """
    planned = {each.key: each for each in result.agenda.requests}
    found = []
    for each in result.findings:
        request = planned.get(str(each.evidence.get("key", "")))
        if each.id in ("accepted-though-invalid", "refused-though-valid") and request is not None:
            made = of(result.agenda, request, each, recordings)
            found.append(replace(each, draft=_saved(made, folder, request)))
        else:
            found.append(each)
    return replace(result, findings=tuple(found))


def of(agenda: Agenda, planned: Planned, finding: Finding, recordings: str | None = None) -> dict[str, Any]:
    """
    The draft that mends a disagreement: `{"kind", "content"}`; or `{"none": why}`.

    Args:
        agenda: what was asked.
        planned: the request.
        finding: what disagrees.
        recordings: the folder where the answer is recorded, or None.
    """
    maker = _Maker(agenda, planned, finding, recordings)
    if finding.id == "accepted-though-invalid":
        return maker.loosened()
    return maker.tightened()


def _saved(made: dict[str, Any], folder: Path, planned: Planned) -> dict[str, Any]:
    if "none" in made:
        return made
    from ruamel.yaml import YAML

    yaml: Any = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 120
    yaml.sort_base_mapping_type_on_output = False  # as they were made, not by the alphabet
    text = io.StringIO()
    text.write(HEADING)
    yaml.dump(_plain(made["content"]), text)
    ending = "overlay.yaml" if made["kind"] == CORRECTION else "rules.yaml"
    path = folder / f"{file_name(planned.target).removesuffix('.json')}.{planned.key}.{ending}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text.getvalue(), encoding="utf-8", newline="\n")
    except OSError as problem:
        raise ContractError(f"{path} cannot be written: {problem.strerror}") from None
    return {**made, "file": str(path)}


class _Maker:
    def __init__(self, agenda: Agenda, planned: Planned, finding: Finding, recordings: str | None) -> None:
        self.agenda, self.planned, self.finding, self.recordings = agenda, planned, finding, recordings
        self.registry: Registry = agenda.registry
        self.target: Target = agenda.registry.targets[planned.target]
        self.document = self.registry.document(self.target)
        self.wrapped = self.target.body != self.target.schema and isinstance(planned.payload, list)
        self.task = planned.payload[0] if self.wrapped and planned.payload else planned.payload

    def loosened(self) -> dict[str, Any]:
        """What lets the payload pass that the service took."""
        rule = next((each.removeprefix("rule:") for each in self.planned.grounds if each.startswith("rule:")), "")
        if rule:
            return self._milder(rule)
        for actions in self._loosenings():
            found = self._correction(actions, accepts=True)
            if found is not None:
                return found
        return {"none": "no change of this assertion alone lets the payload pass"}

    def tightened(self) -> dict[str, Any]:
        """What refuses the payload that the service refused."""
        for actions in self._tightenings():
            found = self._correction(actions, accepts=False)
            if found is not None:
                return found
        for rule in self._rules():
            found = self._added(rule)
            if found is not None:
                return found
        return {"none": "the answer does not say which value is wrong, or nothing in the document can be quoted"}

    # Corrections.

    def _loosenings(self) -> Iterator[list[dict[str, Any]]]:
        """Lists of overlay actions, the least change first."""
        fault, tree = self.planned.fault, self.document.corrected
        assert fault is not None
        for source in dict.fromkeys((self.planned.source, fault.document_pointer)):
            at = pointers.resolved(tree, source)
            node = pointers.look_up(tree, at)
            if node is ABSENT or not at:
                continue
            here, parent, keyword = _path(at), _path(at[:-1]), str(at[-1])
            value = pointers.look_up(self.planned.payload, pointers.parse(self.planned.pointer))
            if keyword in ("minimum", "maximum") and dialect.is_number(value):
                yield [{"target": parent, "update": {keyword: value}}]
            elif keyword in ("minLength", "maxLength", "minItems", "maxItems") and isinstance(value, (str, list)):
                yield [{"target": parent, "update": {keyword: len(value)}}]
            elif keyword == "enum" and value is not ABSENT:
                yield [{"target": here, "update": [value]}]
            elif keyword == "const" and value is not ABSENT:
                for each in self._values(value):
                    yield [{"target": here, "remove": True}, {"target": parent, "update": {"enum": [node, each]}}]
            elif keyword == "type" and value is not ABSENT:
                known = node if isinstance(node, list) else [node]
                types = [*known, dialect.type_name(value)]
                yield [{"target": here, "remove": True}, {"target": parent, "update": {"type": types}}]
            elif keyword == "additionalProperties":
                name = pointers.parse(self.planned.pointer)[-1:]
                if name:
                    yield [{"target": parent, "update": {"properties": {str(name[0]): {}}}}]
            yield [{"target": here, "remove": True}]

    def _values(self, value: Any) -> Iterator[Any]:
        """A value that was blamed, and the members of the task beside it: one of them may be the constant's."""
        yield value
        if isinstance(self.task, dict):
            yield from (each for each in self.task.values() if not isinstance(each, (dict, list)) and each != value)

    def _tightenings(self) -> Iterator[list[dict[str, Any]]]:
        """What the service says is allowed, as keywords of the place that it blames."""
        for place, facts in self._blamed():
            at = self._schema_of(place)
            if at is None:
                continue
            node = pointers.look_up(self.document.corrected, at)
            named = {"multiple": "multipleOf", "exclusive_minimum": "exclusiveMinimum"}
            named |= {"exclusive_maximum": "exclusiveMaximum", "minimum": "minimum", "maximum": "maximum"}
            for fact, keyword in named.items():
                if dialect.is_number(facts.get(fact)):
                    yield [{"target": _path(at), "update": {keyword: facts[fact]}}]
            allowed = facts.get("allowed")
            if isinstance(allowed, (list, tuple)) and allowed and isinstance(node, dict) and "enum" not in node:
                yield [{"target": _path(at), "update": {"enum": list(allowed)}}]

    def _correction(self, actions: list[dict[str, Any]], *, accepts: bool) -> dict[str, Any] | None:
        """A correction of these actions, where it makes the document say what the service said."""
        name = f"observed-{self.planned.key}"
        given = [{**each, "x-id": name} for each in actions]
        given[0] |= {"x-why": self._why(), "x-judgement": True}
        data = {
            "overlay": "1.1.0",
            "info": {"title": f"Draft for {self.target.name}", "version": "1.0.0"},
            "extends": f"../{self.document.name.rpartition('/')[2]}",
            "x-targets": [self.target.branch_of or self.target.name],
            "actions": given,
        }
        try:
            fitted, _ = overlay.reanchor(self.document.corrected, data)
            applied = overlay.apply(self.document.corrected, fitted)
            if applied.stale or self._takes(applied.document) is not accepts:
                return None
        except (overlay.OverlayError, DocumentError, KeyError, ValueError):
            return None
        content = fitted.to_data()
        content["actions"][0]["x-observed"] = self._observed()
        return {"kind": CORRECTION, "content": content}

    def _takes(self, tree: Any) -> bool:
        """Whether a corrected document takes the task, by both engines."""
        intended = replace(self.document, corrected=tree).intended
        schema = self_contained(intended, self.target.schema)
        one, two = dialect.engine(schema).is_valid(self.task), dialect.reference(schema).is_valid(self.task)
        if one != two:
            raise ValueError("the engines disagree")
        return one

    # Rules.

    def _milder(self, name: str) -> dict[str, Any]:
        """The rule that the service does not enforce, as a warning."""
        known = self.registry.vendor(self.target.vendor).rules
        assert known is not None
        entries = [each for each in to_data(known)["rules"] if each["id"] == name]
        entry = {key: value for key, value in entries[0].items() if key != "touches"}
        entry |= {"severity": "warning", "why": self._why()}
        if self._verdict(entry) == "invalid":
            return {"none": f"the payload breaks more than the rule {name}"}
        return {"kind": RULE, "content": {"vendor": self.target.vendor, "rules": [entry]}}

    def _rules(self) -> Iterator[dict[str, Any]]:
        """Rules that forbid the value that the service blames, or ask for the member that it misses."""
        told_by = self.target.told_by or self.registry.targets[self.target.branch_of or self.target.name].told_by
        when = [{"place": f"/{name}", "is": value} for name, value in told_by.items()]
        context = dict(told_by)
        for place, _ in self._blamed():
            quoted = self._quote(place)
            if quoted is None or len(place) != 1:  # deeper, what stands beside it may matter as well
                continue
            name, at = str(place[0]), pointers.text(place)
            value = pointers.look_up(self.task, place)
            common = {
                "id": f"observed-{self.planned.key}",
                "targets": [self.target.branch_of or self.target.name],
                "quote": quoted[0],
                "at": quoted[1],
                "severity": "error",
                "why": self._why(),
            }
            if value is ABSENT:
                keeps = {**context, name: "given"}
                rule = {"kind": "requires", "when": when, "need": [{"place": at}], "place": at}
                yield {**common, **rule, "example": {"breaks": context, "keeps": keeps}}
            else:
                test = {} if isinstance(value, (dict, list)) else {"is": value}
                rule = {"kind": "forbids", "when": when, "refuse": [{"place": at, **test}]}
                yield {**common, **rule, "example": {"breaks": {**context, name: value}, "keeps": context}}

    def _added(self, entry: dict[str, Any]) -> dict[str, Any] | None:
        try:
            verdict = self._verdict(entry)
        except RuleError:
            return None
        if verdict != "invalid":
            return None
        return {"kind": RULE, "content": {"vendor": self.target.vendor, "rules": [entry]}}

    def _verdict(self, entry: Mapping[str, Any]) -> str:
        """What the check says of the payload with a rule added, or in place of the one of the same id."""
        vendor = self.registry.vendor(self.target.vendor)
        data: dict[str, Any]
        data = to_data(vendor.rules) if vendor.rules is not None else {"vendor": self.target.vendor, "rules": []}
        kept = [each for each in data["rules"] if each["id"] != entry["id"]]
        rules = load_rules({**data, "rules": [*kept, dict(entry)]})
        changed = {**self.registry.vendors, self.target.vendor: Vendor(vendor.envelope, rules, vendor.overlays)}
        registry = self.registry.extended(changed)
        return check(self.planned.payload, self.target, registry=registry, today=self.agenda.today).verdict

    # What was observed.

    def _blamed(self) -> Iterator[tuple[pointers.Path, Mapping[str, Any]]]:
        """The places in the task that the service blames, with what it says of them."""
        for each in self.finding.evidence.get("complaints", ()):
            for place in each["pointers"]:
                path = pointers.parse(place) if place.startswith("/") else ()
                resolved = pointers.resolved(self.planned.payload, place) if path else ()
                inner = resolved[1:] if self.wrapped else resolved
                if inner:
                    yield inner, each["facts"]

    def _schema_of(self, place: pointers.Path) -> pointers.Path | None:
        """Where the corrected document describes a place of the task, as far as plain properties lead."""
        at = pointers.resolved(self.document.corrected, self.target.schema)
        for step in place:
            at = (*at, "items") if isinstance(step, int) else (*at, "properties", step)
            if not isinstance(pointers.look_up(self.document.corrected, at), dict):
                return None
        return at

    def _quote(self, place: pointers.Path) -> tuple[str, str] | None:
        """A sentence of the vendor's about a place, and where it stands in the published document."""
        for end in range(len(place), 0, -1):
            at = self._schema_of(place[:end])
            if at is None:
                continue
            published = self.document.published_pointer(pointers.text((*at, "description")))
            text = pointers.look_up(self.document.raw, pointers.parse(published))
            if isinstance(text, str) and text.strip():
                return re.split(r"(?<=[.!?])\s|\n", text.strip())[0], published
        return None

    def _why(self) -> str:
        if self.planned.fault is not None:
            from preroll import words

            told = "; ".join(words.message(each) for each in violations(self.agenda, self.planned))
            return f"The service takes a payload of which the document says: {told}."
        said = " ".join(str(self.finding.evidence.get("said", "")).split())[:300]
        return f'The service refuses what the document allows, and says: "{said}"'

    def _observed(self) -> dict[str, Any]:
        status = self.finding.response.status if self.finding.response is not None else None
        observed: dict[str, Any] = {"request": self.planned.key, "status": status}
        if self.recordings:
            observed["recording"] = file_name(self.planned.target)
        if self.finding.evidence.get("said"):
            observed["said"] = str(self.finding.evidence["said"])[:300]
        return observed


def _plain(value: Any) -> Any:
    """A value that YAML writes: its numbers are whole or floats."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _path(at: pointers.Path) -> str:
    """A JSONPath that selects one place (RFC 9535, section 2.7: normalized paths)."""
    steps = []
    for each in at:
        if isinstance(each, int):
            steps.append(f"[{each}]")
        else:
            text = each.replace("\\", "\\\\").replace("'", "\\'")
            steps.append(f"['{text}']")
    return "$" + "".join(steps)
