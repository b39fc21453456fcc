"""The pytest plugin, and the example project that uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from preroll_fuzz import assert_accepts

ROOT = Path(__file__).parents[2]
SOURCES = os.pathsep.join(str(Path(each).resolve()) for each in sys.path if each)
PLUGIN = ["-p", "preroll_fuzz.plugin", "-p", "no:cacheprovider"]


def pytest_run(folder, *arguments):
    environment = {
        **os.environ,
        "PYTHONPATH": SOURCES,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # installed or not, the plugin is loaded once
        "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / ".hypothesis"),
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *PLUGIN, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path):
    def write(**files):
        (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n")
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        return tmp_path

    return write


def test_the_example_project_passes(tmp_path):
    import shutil

    copy = tmp_path / "project"
    shutil.copytree(ROOT / "examples" / "pytest_project", copy)
    done = pytest_run(copy)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_a_marked_test_is_a_property_and_shrinks(project):
    folder = project(
        test_it=(
            "import pytest\n"
            "@pytest.fixture\n"
            "def limit():\n"
            "    return 4\n"
            "@pytest.mark.preroll('runwayml/text_to_video#veo3.1', max_examples=200)\n"
            "def test_short(payload, limit):\n"
            "    assert len(payload.get('duration', 0) * 'x') <= limit\n"
            "class TestInside:\n"
            "    @pytest.mark.preroll('runwayml/text_to_video#veo3.1', max_examples=5)\n"
            "    def test_broken(self, broken):\n"
            "        assert broken.fault.rule\n"
        )
    )
    done = pytest_run(folder)
    assert "1 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert "'duration': 6" in done.stdout


def test_a_refused_payload_is_explained():
    with pytest.raises(AssertionError) as caught:
        assert_accepts([{"taskType": "videoInference", "model": "luma:ray@3.2", "width": 640}])
    text = str(caught.value)
    assert "runware/luma:ray@3.2 would refuse this payload" in text
    assert "error[" in text
    assert '"width": 640' in text


def test_warnings_fail_when_asked():
    body = {"filename": "cat.mp4", "type": "ephemeral", "colour": "red"}
    assert assert_accepts(body, "runwayml/uploads").verdict == "warning"
    with pytest.raises(AssertionError, match="colour"):
        assert_accepts(body, "runwayml/uploads", strict=True)


def test_other_documents_are_heard(project):
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Our own",
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 7}},
        "required": ["n"],
    }
    folder = project(
        test_it=(
            "import pytest\n"
            "@pytest.mark.preroll('schema/our-own', max_examples=20)\n"
            "def test_it(payload):\n"
            "    assert payload['n'] >= 7\n"
            "def test_simplest(preroll_payload, preroll_broken, assert_accepts):\n"
            "    assert_accepts(preroll_payload('schema/our-own'), 'schema/our-own')\n"
            "    assert preroll_broken('schema/our-own', 'minimum').payload == {'n': 6}\n"
        )
    )
    (folder / "own.json").write_text(json.dumps(schema))
    done = pytest_run(folder, "--preroll-documents", "own.json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_plugin_imports_nothing_until_a_test_asks():
    code = (
        "import sys, preroll_fuzz.plugin\n"
        "heavy = {'hypothesis', 'z3', 'jsonschema_rs', 'preroll.registry', 'preroll_fuzz.payloads'}\n"
        "print(sorted(heavy & sys.modules.keys()))\n"
    )
    environment = {**os.environ, "PYTHONPATH": SOURCES}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.strip() == "[]"
