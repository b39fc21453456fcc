"""What fails a run: levels, acknowledgements with their expiry, what could not be decided, stored payloads."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from preroll.cli import main
from preroll.compat import gate
from preroll.compat.loading import bundled_beside
from preroll.registry import Registry

TODAY = date(2025, 6, 15)

WIDE: dict[str, Any] = {
    "type": "object",
    "properties": {"size": {"type": "integer", "maximum": 9}, "old": {"type": "string"}},
}
CLOSED = {**WIDE, "additionalProperties": False}
TIGHT: dict[str, Any] = {**CLOSED, "properties": {**WIDE["properties"], "size": {"type": "integer", "maximum": 5}}}
LOOSE = {**CLOSED, "properties": {**WIDE["properties"], "size": {"type": "integer", "maximum": 12}}}
WITHOUT = {"type": "object", "properties": {"size": WIDE["properties"]["size"]}}


@pytest.fixture
def breaking(made, compared):
    pytest.importorskip("z3", reason="proofs need the group `solver`")
    return compared(made(CLOSED), made(TIGHT))


@pytest.mark.parametrize(
    ("old", "new", "fail_on", "fails"),
    [
        (CLOSED, TIGHT, "breaking", True),
        (CLOSED, LOOSE, "breaking", False),
        (CLOSED, LOOSE, "dangerous", False),
        (CLOSED, LOOSE, "any", True),
        (WIDE, WITHOUT, "breaking", False),
        (WIDE, WITHOUT, "dangerous", True),
        (CLOSED, CLOSED, "any", False),
    ],
)
def test_levels_gate_as_asked(made, compared, old, new, fail_on, fails):
    pytest.importorskip("z3", reason="proofs need the group `solver`")
    assert gate.fails(compared(made(old), made(new)), fail_on) is fails


def entry(told: Any, **more: Any) -> dict[str, Any]:
    [change] = [each for each in told.every if each.level == "breaking"]
    return {"fingerprint": change.fingerprint, "reason": "agreed", **more}


def test_an_accepted_change_does_not_gate(breaking):
    told = gate.acknowledged(breaking, gate.read([entry(breaking)], "accepted.json"), TODAY)
    assert not gate.fails(told, "breaking")
    assert told.unused == ()


def test_an_acceptance_ends_on_its_day(breaking):
    last = gate.read([entry(breaking, expires="2025-06-15")], "accepted.json")
    over = gate.read([entry(breaking, expires="2025-06-14")], "accepted.json")
    assert not gate.fails(gate.acknowledged(breaking, last, TODAY), "breaking")
    told = gate.acknowledged(breaking, over, TODAY)
    assert gate.fails(told, "breaking")
    assert "2025-06-14" in told.unused[0]


def test_an_acceptance_that_fits_nothing_is_reported(breaking):
    told = gate.acknowledged(breaking, gate.read([{"fingerprint": "0" * 16, "reason": "gone"}], "a.json"), TODAY)
    assert gate.fails(told, "breaking")
    assert "0000000000000000" in told.unused[0]


@pytest.mark.parametrize(
    "data",
    [7, [7], [{"reason": "x"}], [{"fingerprint": "x"}], [{"fingerprint": "x", "reason": " "}],
     [{"fingerprint": "x", "reason": "y", "expires": "soon"}]],
)  # fmt: skip
def test_an_acceptance_file_of_another_shape_is_refused(data):
    with pytest.raises(gate.AcknowledgementError):
        gate.read(data, "accepted.json")


def test_a_fingerprint_survives_reordering(made, compared, breaking):
    turned = {**TIGHT, "properties": dict(reversed(TIGHT["properties"].items()))}
    again = compared(made(CLOSED), made(turned))
    assert entry(again) == entry(breaking)


def test_what_is_unknown_counts_as_breaking_unless_told_otherwise(made, compared):
    told = compared(made(CLOSED), made(TIGHT), seconds=0.0)
    assert told.targets[0].request.relation == "unknown"
    assert not told.targets[0].request.proved
    assert told.breaking
    assert not gate.regraded(told, "note").breaking


def run(tmp_path, capsys, old, new, *options: str) -> tuple[int, str]:
    for name, tree in (("old.json", old), ("new.json", new)):
        (tmp_path / name).write_text(json.dumps(tree), encoding="utf-8")
    code = main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), *options])
    return code, capsys.readouterr().out


def test_exit_codes(made, tmp_path, capsys):
    pytest.importorskip("z3", reason="proofs need the group `solver`")
    assert run(tmp_path, capsys, made(CLOSED), made(LOOSE))[0] == 0
    assert run(tmp_path, capsys, made(CLOSED), made(TIGHT))[0] == 1
    assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "nowhere.json")]) == 2
    assert main(["diff", str(tmp_path / "old.json")]) == 2
    assert main(["diff", str(tmp_path / "old.json"), str(tmp_path / "new.json"), "--only", "nothing"]) == 2


def test_stored_jobs_that_newly_fail_are_named_with_their_line(made, tmp_path, capsys):
    pytest.importorskip("z3", reason="proofs need the group `solver`")
    jobs = tmp_path / "jobs.jsonl"
    lines = [{"path": "/things", "body": {"size": size}} for size in (1, 7)]
    jobs.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    code, out = run(tmp_path, capsys, made(CLOSED), made(TIGHT), "--jobs", str(jobs), "--format", "json")
    told = json.loads(out)
    assert code == 1
    assert [(each["line"], each["target"]) for each in told["jobs"]["failing"]] == [(2, "sketch/things")]
    assert told["jobs"]["payloads"] == 2


def test_only_what_concerns_you_is_compared(made, compared):
    old, new = made(CLOSED), made(TIGHT)
    for tree, schema in ((old, CLOSED), (new, LOOSE)):
        tree["paths"]["/others"] = {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}}}
    told = compared(old, new, only=("others",))
    assert [each.target for each in told.targets] == ["sketch/others"]
    assert not told.breaking


def test_a_new_document_finds_the_bundled_one_beside_it():
    bundled = Registry.bundled()
    target = next(each for each in bundled.targets.values() if not each.companion)
    found = bundled_beside(Registry.of(bundled.document(target).raw, "new.json"))
    assert target.name in found.targets
    assert {each.document for each in found.targets.values() if not each.companion} == {target.document}


def test_update_writes_what_breaks_nobody_and_says_where_it_comes_from(made, tmp_path, capsys):
    pytest.importorskip("z3", reason="proofs need the group `solver`")
    folder = tmp_path / "documents"
    given = tmp_path / "given.json"
    for tree, options, code, kept in (
        (made(CLOSED), [], 0, CLOSED),
        (made(LOOSE), ["--dry-run"], 0, CLOSED),
        (made(LOOSE), [], 0, LOOSE),
        (made(TIGHT), [], 1, LOOSE),
        (made(TIGHT), ["--yes", "--origin", "https://example.com/openapi.json"], 0, TIGHT),
    ):
        given.write_text(json.dumps(tree), encoding="utf-8")
        assert main(["update", str(given), "--to", str(folder), *options]) == code
        [written] = folder.glob("*.json")
        assert json.loads(written.read_bytes()) == made(kept)
    assert "https://example.com/openapi.json" in (folder / "sources.toml").read_text(encoding="utf-8")
    assert "sketch/things" in Registry.load(folder).targets
    capsys.readouterr()
