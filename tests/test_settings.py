"""
Settings are few, checked, and published as a JSON Schema that says the same.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from preroll import dialect, settings
from preroll.settings import Settings, SettingsError

RIGHT = [
    {},
    {"select": "$.jobs[*]"},
    {"select": ["$.a", "$.b"]},
    {"select": {"*.yaml": "$.jobs[*]", "captures/*": ["$.request"]}},
    {"include": ["jobs/**"], "exclude": ["old"], "ignore": ["enum"], "placeholders": ["@@.*@@"]},
    {"targets": {"shots/*.json": "runwayml/image_to_video"}},
    {"per-file-ignores": {"drafts/": ["unknown-property"]}, "severity": {"unknown-property": "off", "enum": "warning"}},
    {"documents": ["vendor/"], "rules": ["house.yaml"], "envelopes": ["ours.yaml"]},
    {"wrappers": {"lists": ["scenes"], "addresses": ["call"], "bodies": ["params"]}},
    {"unknown": "error", "strict": True, "as-published": False, "jobs": 4},
]

WRONG = [
    # settings,                            key at fault,         the nearest right one
    ({"selct": "$.jobs"},                  "selct",              "select"),
    ({"per_file_ignores": {}},             "per_file_ignores",   "per-file-ignores"),
    ({"wrappers": {"list": ["x"]}},        "wrappers.list",      "wrappers.lists"),
    ({"severity": {"enum": "warn"}},       "severity.enum",      "warning"),
    ({"unknown": "warning"},               "unknown",            "warn"),
    ({"ignore": "enum"},                   "ignore",             ""),
    ({"ignore": [1]},                      "ignore.0",           ""),
    ({"ignore": [""]},                     "ignore.0",           ""),
    ({"select": 7},                        "select",             ""),
    ({"select": {"*": 7}},                 "select.*",           ""),
    ({"jobs": 0},                          "jobs",               ""),
    ({"jobs": True},                       "jobs",               ""),
    ({"strict": "yes"},                    "strict",             ""),
    ({"nonsense": 1},                      "nonsense",           ""),
]  # fmt: skip


@pytest.mark.parametrize("given", RIGHT, ids=json.dumps)
def test_right_settings_are_taken_and_fit_the_published_schema(given):
    assert settings.checked(given, "preroll.toml") == given
    assert dialect.engine(settings.schema()).is_valid(given)


@pytest.mark.parametrize(("given", "key", "nearest"), WRONG, ids=[json.dumps(each) for each, _, _ in WRONG])
def test_a_wrong_setting_names_its_key_and_the_nearest_right_one(given, key, nearest):
    with pytest.raises(SettingsError) as caught:
        settings.checked(given, "preroll.toml")
    assert (caught.value.key, caught.value.nearest) == (key, nearest)
    assert str(caught.value).startswith(f"preroll.toml: {key}: ")
    assert not dialect.engine(settings.schema()).is_valid(given)


def test_the_published_schema_is_up_to_date():
    assert settings.main(["--check"]) == 0


FOUND = [
    # files,                                                                       what `ignore` says in deep/er
    ({"preroll.toml": 'ignore = ["a"]'},                                           ["a"]),
    ({"pyproject.toml": '[tool.preroll]\nignore = ["a"]'},                         ["a"]),
    ({"preroll.toml": 'ignore = ["a"]', "pyproject.toml": '[tool.preroll]\nignore = ["b"]'}, ["a"]),
    ({"preroll.toml": 'ignore = ["a"]', "deep/pyproject.toml": "[tool.other]"},    ["a"]),
    ({"preroll.toml": 'ignore = ["a"]', "deep/preroll.toml": 'ignore = ["b"]'},    ["b"]),
    ({},                                                                           None),
]  # fmt: skip


@pytest.mark.parametrize(("files", "ignored"), FOUND)
def test_the_nearest_settings_upwards_count(tmp_path, files, ignored):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert settings.found(tmp_path / "deep" / "er").get("ignore") == ignored


@pytest.mark.parametrize("text", ["ignore = [", "\xff", "ignore = 1"])
def test_settings_that_cannot_be_read_say_so(tmp_path, text):
    file = tmp_path / "preroll.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError):
        settings.read(file)


FITS = [
    # file,                glob,              fits
    ("jobs/a.json",        "*.json",          True),
    ("jobs/a.json",        "jobs/*.json",     True),
    ("jobs/deep/a.json",   "jobs/*.json",     True),
    ("jobs/deep/a.json",   "jobs/",           True),
    ("jobs/deep/a.json",   "jobs",            True),
    ("jobs/deep/a.json",   "**/a.json",       True),
    ("jobs/deep/a.json",   "deep",            False),
    ("jobs/a.json",        "a.yaml",          False),
    ("other/a.json",       "jobs/*.json",     False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "glob", "fits"), FITS)
def test_globs_name_files_below_the_settings(name, glob, fits, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Settings(Path(tmp_path / "preroll.toml")).fits(name, glob) is fits


STANDING = [
    # the folder one stands in,  the settings,          the file,             fits jobs/
    (".",                        "preroll.toml",        "jobs/a.json",        True),
    ("sub",                      "../preroll.toml",     "../jobs/a.json",     True),
    ("jobs",                     "../preroll.toml",     "./a.json",           True),
    (".",                        "sub/preroll.toml",    "sub/jobs/a.json",    True),
    (".",                        "sub/preroll.toml",    "jobs/a.json",        False),
    ("jobs",                     "sub/preroll.toml",    "../sub/jobs/a.json", False),
    (".",                        "preroll.toml",        "link/jobs/a.json",   False),
    ("sub",                      "../link/preroll.toml", "../jobs/a.json",    True),
    (".",                        "preroll.toml",        "s3://jobs/a.json",   False),
]  # fmt: skip


@pytest.mark.parametrize(("here", "file", "name", "fits"), STANDING)
def test_a_file_below_the_settings_is_found_by_whatever_way_it_is_named(tmp_path, monkeypatch, here, file, name, fits):
    for each in ("jobs", "sub/jobs"):
        (tmp_path / each).mkdir(parents=True)
    (tmp_path / "link").symlink_to(".")
    monkeypatch.chdir(tmp_path / here)
    assert Settings(Path(file)).fits(name, "jobs/") is fits


def test_globs_are_relative_to_the_settings_wherever_one_stands(tmp_path, monkeypatch):
    (tmp_path / "jobs").mkdir()
    monkeypatch.chdir(tmp_path / "jobs")
    held = Settings(
        tmp_path / "preroll.toml",
        {"targets": {"jobs/a.json": "x/y"}, "select": {"jobs/*": "$.z"}, "per-file-ignores": {"*.json": ["r"]}},
    )
    assert held.target("a.json") == "x/y"
    assert held.selected("a.json") == ("$.z",)
    assert held.ignored_in("a.json") == {"r"}
    assert held.target("b.json") is None
