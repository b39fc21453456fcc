"""
The compiled index is what the data under `schemas/` says, and a check reads nothing slower.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from preroll import compiled
from preroll.registry import data_root

ROOT = data_root()


def test_the_index_is_up_to_date():
    """`make compiled` writes it anew."""
    assert (ROOT / compiled.FILE).read_bytes() == compiled.compiled(ROOT)


def test_the_check_mode_says_so(capsys):
    assert compiled.main(["--check"]) == 0
    assert capsys.readouterr().err == ""


def test_a_stale_index_is_told_and_mended(tmp_path, monkeypatch, capsys):
    shutil.copytree(ROOT, tmp_path / "schemas")
    index = tmp_path / "schemas" / compiled.FILE
    index.write_bytes(b"{}")
    monkeypatch.setattr("preroll.registry.data_root", lambda: tmp_path / "schemas")
    assert compiled.main(["--check"]) == 1
    assert "run `make compiled`" in capsys.readouterr().err
    assert compiled.main([]) == 0
    assert index.read_bytes() == (ROOT / compiled.FILE).read_bytes()


def test_nothing_is_stale():
    """A correction or a rule that no longer fits its document fails here, and so in CI."""
    index = json.loads((ROOT / compiled.FILE).read_bytes())
    assert index["stale"] == {}
    assert [each["stale"] for each in index["documents"]] == [[]] * len(index["documents"])


SLOW = (
    "ruamel",
    "yaml",
    "referencing",
    "jsonschema",
    "jsonpath",
    "z3",
    "hypothesis",
    "rich",
    "httpx",
    "asyncio",
    "tomllib",
)


@pytest.mark.parametrize("job", ["good/runware-kling-text-to-video.json", "good/runwayml-uploads-a-clip.json"])
def test_a_check_imports_only_what_it_needs(job):
    path = ROOT.parent / "examples" / job
    if not path.is_file():
        pytest.skip("no examples beside an installed package")
    script = f"import sys; from preroll.cli import main; main(['check', {str(path)!r}]); print(*sys.modules)"
    paths = f"import sys; sys.path[:] = {sys.path!r}; "
    done = subprocess.run([sys.executable, "-c", paths + script], capture_output=True, text=True, check=True)
    imported = {each.partition(".")[0] for each in done.stdout.split()}
    assert imported.isdisjoint(set(SLOW)), sorted(imported & set(SLOW))
