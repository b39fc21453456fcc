"""
What is public: the names, the types, the version, and a module that costs nothing until it is used.
"""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import preroll

ROOT = Path(__file__).resolve().parents[1]


def test_all_is_what_is_visible():
    assert sorted(preroll.__all__) == list(preroll.__all__)
    assert [each for each in dir(preroll) if not each.startswith("_")] == sorted(preroll.__all__)


@pytest.mark.parametrize("name", preroll.__all__)
def test_a_public_name_is_there_and_documented(name):
    found = getattr(preroll, name)
    assert found.__doc__
    assert getattr(found, "__name__", name).rpartition(".")[2] == name


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'chekc'"):
        preroll.chekc  # noqa: B018


def test_the_version_is_that_of_the_package():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{preroll.__version__}"' in text
    try:
        installed = importlib.metadata.version("preroll")
    except importlib.metadata.PackageNotFoundError:
        return
    assert installed == preroll.__version__


def test_importing_it_reads_nothing():
    script = "import sys; before = set(sys.modules); import preroll; print(*sorted(set(sys.modules) - before))"
    paths = f"import sys; sys.path[:] = {sys.path!r}; "
    done = subprocess.run([sys.executable, "-c", paths + script], capture_output=True, text=True, check=True)
    heavy = ("click", "jsonschema_rs", "orjson", "preroll.")
    assert [each for each in done.stdout.split() if each.startswith(heavy)] == []


def test_the_docstring_is_true():
    import doctest

    assert doctest.testmod(preroll) == doctest.TestResults(failed=0, attempted=2)


def test_callers_are_typed():
    mypy = pytest.importorskip("mypy.api")
    said, complaints, code = mypy.run(
        [
            "--config-file",
            str(ROOT / "pyproject.toml"),
            "--strict",
            "--cache-dir",
            str(ROOT / ".mypy_cache"),
            str(ROOT / "tests" / "typing" / "api.py"),
        ]
    )
    ours = [line for line in said.splitlines() if line.startswith("tests/typing/")]
    assert (ours, complaints) == ([], "")
    assert code in (0, 1)  # what else is wrong in the package is not told here
