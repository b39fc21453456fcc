"""
How findings are shown, and what the command answers with.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from preroll import audit as audits
from preroll.audit import KINDS, audit
from preroll.cli import main
from preroll.cli.exits import Exit
from preroll.registry import Registry
from preroll.render import RENDERERS
from preroll.render import audit as rendering

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/json/audit.schema.json").read_text("utf-8"))
SOUND = {"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": False}
DOUBTFUL = {"type": "object", "properties": {"a": {"type": "boolean"}}}
WRONG = {**SOUND, "properties": {"a": {"type": "boolean", "default": "yes"}}}
HOSTILE = "\x1b[2J</script>|`](x) ::error::%0A"


def all_findings():
    """An audit of one document that has as many findings as there are."""
    found = []
    for each in KINDS:
        if each.example is not None and not each.proved:
            registry = Registry.of(each.example, f"{each.id}.json")
            found.append(audit(registry, registry.document(f"{each.id}.json"), seconds=0))
    return found


@pytest.fixture(scope="module")
def every():
    return all_findings()


@pytest.fixture
def written(tmp_path):
    def write(tree, name="document.json"):
        path = tmp_path / name
        path.write_text(tree if isinstance(tree, str) else json.dumps(tree), encoding="utf-8")
        return str(path)

    return write


def test_json_keeps_to_its_schema(every):
    data = json.loads(rendering.json_(every))
    assert data["findings"]
    assert [error.message for error in jsonschema_rs.Draft202012Validator(SCHEMA).iter_errors(data)] == []


@pytest.mark.parametrize("verbose", [0, 1])
def test_text_is_readable_in_80_columns(every, verbose):
    lines = rendering.text(every, verbose=verbose).splitlines()
    # addresses and single words of values have no blanks to break at
    assert [each for each in lines if len(each) > 80 and re.search(r"\S\s+\S{1,60}$", each.strip())] == []


def test_text_tells_one_type_once(every):
    twice = audits.Audit("twice", tuple(finding for each in every for finding in each.findings) * 2, proved=True)
    headings = re.findall(r"^(?:error|warning|note)\[(.*?)\]", rendering.text([twice]), re.MULTILINE)
    assert len(headings) == len(set(headings))


def test_what_a_document_says_cannot_move_the_cursor():
    tree = {**SOUND, "properties": {"a": {"type": "boolean", "default": HOSTILE, HOSTILE: 1}}}
    registry = Registry.of(tree, "hostile.json")
    found = [audit(registry, registry.document("hostile.json"), seconds=0)]
    assert "\x1b" not in rendering.text(found, verbose=1)
    assert "\x1b" not in rendering.markdown(found)
    assert "</script>" not in re.sub(r"(?<!\\)(`+).*?\1", "", rendering.markdown(found))


@pytest.mark.parametrize("form", RENDERERS)
def test_every_format_shows_every_finding(form, written, capsys):
    code = main(["audit", written(WRONG), "--format", form])
    assert code == Exit.VIOLATIONS
    assert "default-refused" in capsys.readouterr().out


CODES = [
    # document                                   options          exit code
    (SOUND, [], Exit.CLEAN),
    (DOUBTFUL, [], Exit.CLEAN),
    (DOUBTFUL, ["--strict"], Exit.VIOLATIONS),
    (WRONG, [], Exit.VIOLATIONS),
    ({"$ref": "#/nowhere"}, [], Exit.USAGE),
    ({"a": 1}, [], Exit.USAGE),
    ("{", [], Exit.USAGE),
]


@pytest.mark.parametrize(("tree", "options", "code"), CODES)
def test_the_exit_code_says_what_was_found(tree, options, code, written):
    assert main(["audit", written(tree), *options]) == code


def test_one_document_that_cannot_be_used_does_not_hide_another(written, capsys):
    code = main(["audit", written({"$ref": "#/nowhere"}, "a.json"), written(WRONG, "b.json")])
    told = capsys.readouterr()
    assert code == Exit.USAGE
    assert "default-refused" in told.out
    assert "nowhere" in told.err


def test_a_name_that_nothing_has_is_wrong_usage(capsys):
    assert main(["audit", "no-such-thing"]) == Exit.USAGE
    assert "no-such-thing" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["{vendor}/{stem}", "{stem}", "{file}", "{key}", "{target}"])
def test_a_bundled_document_has_several_names(name, capsys):
    registry = Registry.bundled()
    target = min(
        (each for each in registry.targets.values() if each.described and not each.companion),
        key=lambda each: each.name,
    )
    vendor, _, file = target.document.rpartition("/")
    stem = file.removesuffix(".openapi.json")
    known = {"vendor": vendor, "stem": stem, "file": file, "key": target.document, "target": target.name}
    main(["audit", name.format(**known), "--seconds", "0", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {each["document"] for each in found} == {target.document}


def test_a_yaml_document_is_read_with_its_lines(written, capsys):
    text = "type: object\nproperties:\n  a:\n    type: boolean\n    default: often\nadditionalProperties: false\n"
    main(["audit", written(text, "document.yaml"), "--format", "github"])
    assert ",line=5,col=14::" in capsys.readouterr().out


def test_without_the_solver_the_rest_is_found_and_the_install_line_told(written, capsys, monkeypatch):
    monkeypatch.setattr(audits, "solver", lambda: False)
    assert main(["audit", written(WRONG)]) == Exit.VIOLATIONS
    told = capsys.readouterr()
    assert "default-refused" in told.out
    assert "pip install 'preroll[solver]'" in told.err


def test_a_report_goes_to_a_file_too(written, tmp_path, capsys):
    path = tmp_path / "found.json"
    main(["audit", written(WRONG), "--output", f"json:{path}"])
    assert json.loads(path.read_text("utf-8"))["findings"]
    assert "error[default-refused]" in capsys.readouterr().out
