"""
Which files are linted: folders, globs, what Git ignores, what has changed, and what a URL names.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.jobs.dress import BAD_TASK, TASK, lines, write

from preroll.jobs import Walk
from preroll.settings import NONE, Settings

# ruff: noqa: E501  # tables
FILES = [
    "a.json",
    "b.yaml",
    "notes.txt",
    "sub/c.jsonl",
    "sub/d.yml.gz",
    "sub/build/e.json",
    ".hidden/f.json",
    "node_modules/g.json",
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for each in FILES:
        write(each, "")
    return tmp_path


def walked(*names: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    return [each.name for each in Walk(include, exclude, fits=NONE.fits).files(names or (".",))]


GLOBS = [
    # include,             exclude,               files
    ((),                   (),                    [".hidden/f.json", "a.json", "b.yaml", "sub/build/e.json", "sub/c.jsonl", "sub/d.yml.gz"]),
    (("*.json",),          (),                    [".hidden/f.json", "a.json", "sub/build/e.json"]),
    (("sub",),             (),                    ["sub/build/e.json", "sub/c.jsonl", "sub/d.yml.gz"]),
    ((),                   ("sub/",),             [".hidden/f.json", "a.json", "b.yaml"]),
    (("*.txt",),           (),                    ["notes.txt"]),
    (("*",),               ("sub",),              [".hidden/f.json", "a.json", "b.yaml"]),
    (("**",),              ("sub", "*.txt"),      [".hidden/f.json", "a.json", "b.yaml"]),
    (("note*", "sub/**"),  ("build",),            ["sub/c.jsonl", "sub/d.yml.gz"]),
    (("notes.*", "a.*"),   (),                    ["a.json"]),
    (("**/*.json",),       ("build", ".hidden"),  ["a.json"]),
    (("**/*.json",),       ("sub/build", ".hidden"), ["a.json"]),
]  # fmt: skip


@pytest.mark.parametrize(("include", "exclude", "files"), GLOBS)
@pytest.mark.usefixtures("folder")
def test_globs_choose_the_files_of_a_folder(include, exclude, files):
    assert walked(include=include, exclude=exclude) == files


IGNORED = [
    # .gitignore at the top,   in sub/,        files left of a.json, sub/c.jsonl, sub/build/e.json
    ("",                       "",             ["a.json", "sub/build/e.json", "sub/c.jsonl"]),
    ("build/\n",               "",             ["a.json", "sub/c.jsonl"]),
    ("*.json\n",               "",             ["sub/c.jsonl"]),
    ("*.json\n!a.json\n",      "",             ["a.json", "sub/c.jsonl"]),
    ("/sub/*.jsonl\n",         "",             ["a.json", "sub/build/e.json"]),
    ("*.jsonl\n",              "!c.jsonl\n",   ["a.json", "sub/build/e.json", "sub/c.jsonl"]),
    ("",                       "*\n",          ["a.json"]),
]  # fmt: skip


@pytest.mark.parametrize(("top", "sub", "files"), IGNORED)
@pytest.mark.usefixtures("folder")
def test_what_git_ignores_is_not_linted(top, sub, files):
    write(".gitignore", top)
    write("sub/.gitignore", sub)
    assert walked(include=("a.json", "c.jsonl", "e.json")) == files


def test_the_gitignore_of_a_repository_counts_in_its_folders(folder):
    (folder / ".git").mkdir()
    write(".gitignore", "*.jsonl\n")
    assert walked("sub", include=("*.jsonl", "*.json")) == ["sub/build/e.json"]


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_named_is_linted_whatever_ignores_it():
    write(".gitignore", "*\n")
    assert walked("a.json", "notes.txt", "a.json", "./a.json") == ["a.json", "notes.txt"]


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *identity, *arguments), check=True, capture_output=True)


def test_changed_files_are_those_that_git_says(folder, monkeypatch):
    from preroll.jobs.changes import GitError, changed, is_revision

    git("init", "-q")
    write(".gitignore", "*.jsonl\n")
    git("add", "-A")
    git("commit", "-qm", "one")
    write("a.json", "changed")
    write("new é\n.json", "new")
    write("sub/ignored.jsonl", "ignored")
    Path("b.yaml").unlink()
    assert list(changed("HEAD")) == ["a.json", "new é\n.json"]
    git("add", "-A")
    git("commit", "-qm", "two")
    write("sub/c2.json", "")
    assert list(changed("HEAD")) == ["sub/c2.json"]
    assert list(changed("HEAD~1", ("sub",))) == ["sub/c2.json"]
    monkeypatch.chdir(folder / "sub")
    assert list(changed("HEAD~1")) == ["../a.json", "../new é\n.json", "c2.json"]
    assert (is_revision("HEAD"), is_revision("nothing")) == (True, False)
    with pytest.raises(GitError, match="no revision 'nothing'"):
        list(changed("nothing"))


CHANGED = [
    # exclude,                  wanted of the names that Git gives
    ((),                        ["../a.json", "../sub/build/e.json", "c.jsonl"]),
    (("a.json",),               ["../sub/build/e.json", "c.jsonl"]),
    (("build",),                ["../a.json", "c.jsonl"]),
    (("sub/build/",),           ["../a.json", "c.jsonl"]),
    (("sub/",),                 ["../a.json"]),
]  # fmt: skip


@pytest.mark.parametrize(("exclude", "wanted"), CHANGED)
def test_changed_files_are_chosen_as_those_of_a_folder(folder, monkeypatch, exclude, wanted):
    monkeypatch.chdir(folder / "sub")
    walk = Walk(exclude=exclude, fits=Settings(folder / "preroll.toml").fits)
    names = ["../a.json", "../notes.txt", "../sub/build/e.json", "c.jsonl"]
    assert [each for each in names if walk.wanted(each)] == wanted


def test_urls_are_read_through_fsspec(linted):
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.pipe_file("/bucket/a.jsonl", lines(TASK, BAD_TASK).encode())
    system.pipe_file("/bucket/deep/b.json", lines([BAD_TASK]).encode())
    system.pipe_file("/bucket/readme.txt", b"no job")
    run = linted("memory://bucket/")
    assert [(each.source, each.line) for each in run.entries] == [
        ("memory:///bucket/a.jsonl", 2),
        ("memory:///bucket/deep/b.json", 1),
    ]
    assert linted("memory://bucket/a.jsonl").counts == {"valid": 1, "invalid": 1}
    assert linted("memory://bucket/missing.jsonl").counts == {"unreadable": 1}


REMOTE = [
    # the URL,                      include,                   exclude,              files
    ("memory://globs/",             (),                        (),                   ["a.json", "b[1].json", "sub/c.jsonl", "sub/old/d.json"]),
    ("memory://globs",              (),                        ("sub/",),            ["a.json", "b[1].json"]),
    ("memory://globs/",             (),                        ("old",),             ["a.json", "b[1].json", "sub/c.jsonl"]),
    ("memory://globs/",             ("sub/*",),                (),                   ["sub/c.jsonl", "sub/old/d.json"]),
    ("memory://globs/",             ("*.jsonl", "*.txt"),      (),                   ["sub/c.jsonl", "sub/readme.txt"]),
    ("memory://globs/",             (),                        ("memory:///globs/sub/*",), ["a.json", "b[1].json"]),
    ("memory://globs/*.json",       (),                        ("b*",),              ["a.json"]),
    ("memory://globs/**/*.jsonl",   (),                        (),                   ["sub/c.jsonl"]),
    ("memory://globs/**/*.jsonl",   (),                        ("sub/",),            []),
    ("memory://globs/b[1].json",    (),                        (),                   ["b[1].json"]),
]  # fmt: skip


@pytest.mark.parametrize(("url", "include", "exclude", "files"), REMOTE)
def test_globs_choose_the_files_behind_a_url(url, include, exclude, files):
    fsspec = pytest.importorskip("fsspec")
    for each in ("a.json", "b[1].json", "sub/c.jsonl", "sub/old/d.json", "sub/readme.txt"):
        fsspec.filesystem("memory").pipe_file(f"/globs/{each}", b"")
    names = walked(url, include=include, exclude=exclude)
    assert [each.partition("globs/")[2] for each in names] == files


def test_a_remote_file_that_breaks_while_it_is_read_is_unreadable(linted, monkeypatch):
    fsspec = pytest.importorskip("fsspec")
    system = fsspec.filesystem("memory")
    system.pipe_file("/breaking/a.jsonl", lines(TASK).encode())
    system.pipe_file("/breaking/b.jsonl", lines(BAD_TASK).encode())

    class PayloadError(Exception):
        """What a file system of its own raises."""

    def breaking(self: object, size: int = -1) -> bytes:
        raise PayloadError("the connection was lost")

    stream = type(system.open("/breaking/a.jsonl", "rb"))
    monkeypatch.setattr(stream, "read1", breaking)
    run = linted("memory://breaking/")
    assert run.counts == {"unreadable": 2}
    assert {each.problem[2] for each in run.entries} == {"it cannot be read: the connection was lost"}


def test_a_url_that_names_nothing_is_told():
    pytest.importorskip("fsspec")
    walk = Walk()
    assert list(walk.files(["memory://nowhere/*.json"])) == []
    assert [each.source for each in walk.faults] == ["memory://nowhere/*.json"]


def test_a_url_without_fsspec_says_what_to_install(linted, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    run = linted("s3://bucket/a.jsonl")
    assert ["preroll[remote]" in each.advice for each in run.walk.faults] == [True]


def test_a_hundred_thousand_files_need_no_list_of_them(folder):
    walk = Walk(fits=NONE.fits)
    assert next(walk.files(["."])).name == ".hidden/f.json"
