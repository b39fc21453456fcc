"""`preroll reanchor`: what a new document moved is found again, and only that is rewritten."""

import json
import shutil

import pytest

from preroll.cli import main
from preroll.registry import data_root


@pytest.fixture
def schemas(tmp_path):
    return shutil.copytree(data_root(), tmp_path / "schemas")


def document(name):
    return json.loads((data_root() / "runware" / name).read_text(encoding="utf-8"))


def written(tmp_path, tree):
    path = tmp_path / "new.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    return str(path)


def test_an_unchanged_document_moves_nothing(tmp_path, schemas, capsys):
    path = written(tmp_path, document("ovi.openapi.json"))
    assert main(["reanchor", path, "--schemas", str(schemas), "--write"]) == 0
    assert "still fits" in capsys.readouterr().out


def moved_document():
    tree = document("klingai-kling-video-o3-pro.openapi.json")
    items = tree["components"]["schemas"]["RequestBody"]["items"]
    settings = items["properties"]["providerSettings"]["properties"]["klingai"]["properties"]
    items["allOf"][1]["oneOf"][0]["title"] = "1080p"
    items["allOf"].insert(0, {})
    items["properties"]["duration"]["description"] = settings["multiPrompt"].pop("description")
    return tree


def test_what_moved_is_told_and_only_its_lines_are_rewritten(tmp_path, schemas, capsys):
    path = written(tmp_path, moved_document())
    before = {file: file.read_text(encoding="utf-8").splitlines() for file in schemas.rglob("*.yaml")}
    assert main(["reanchor", path, "--schemas", str(schemas), "--write"]) == 1
    told = capsys.readouterr().out
    assert "segments-do-not-sum-to-duration: the quote moved from" in told
    assert "frame-images-impossible" in told
    changed = [
        (old, new)
        for file, lines in before.items()
        for old, new in zip(lines, file.read_text(encoding="utf-8").splitlines(), strict=True)
        if old != new
    ]
    assert all(new.lstrip().startswith(("- ", "at:")) for _, new in changed)
    assert 2 <= len(changed) <= 6
    assert main(["reanchor", path, "--schemas", str(schemas), "--write"]) in (0, 1)


def test_a_quote_that_is_gone_is_told_and_left_alone(tmp_path, schemas, capsys):
    tree = document("ovi.openapi.json")
    options = tree["components"]["schemas"]["RequestBody"]["items"]["properties"]["acceleratorOptions"]["properties"]
    options["cacheEndStep"]["description"] = "Another sentence."
    rules = schemas / "runware" / "rules.yaml"
    before = rules.read_text(encoding="utf-8")
    assert main(["reanchor", written(tmp_path, tree), "--schemas", str(schemas), "--write"]) == 1
    assert "is nowhere in the document" in capsys.readouterr().out
    assert rules.read_text(encoding="utf-8") == before
