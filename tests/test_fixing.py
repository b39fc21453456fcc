"""
`lint --fix`: files are mended where they stand, and nothing else in them changes.
"""

# ruff: noqa: E501  # texts of files in columns

from __future__ import annotations

import gzip
import json

import pytest

from preroll.cli import main

TASK = (
    '{"taskType": "videoInference", "taskUUID": "eac5c42b-0a32-4cc8-b4c1-16d599c02f7e", '
    '"model": "klingai:kling-video@o3-pro", "width": 1920, "height": 1080, "duration": "5", "positivePrompt": "A fox"}'
)

JSONC = """// nightly jobs\r
[\r
\t{\r
\t\t"taskType": "videoInference", /* what */\r
\t\t"taskUUID": "eac5c42b-0a32-4cc8-b4c1-16d599c02f7e",\r
\t\t"model": "runware:190@1",\r
\t\t"positivPrompt": "A baker speaks",\t// the prompt\r
\t\t"inputs": {"image": "https://assets.example.com/baker.jpg"},\r
\t\t"acceleratorOptions": {"teaCache": true, "teaCacheDistance": 0.300000000000000000000},\r
\t\t"seed": "4177",\r
\t},\r
]\r
"""

YAML = """\
# nightly jobs
- &first
  taskType: videoInference
  taskUUID: eac5c42b-0a32-4cc8-b4c1-16d599c02f7e   # stable
  model: 'runware:190@1'
  positivPrompt: >-
    A baker
    speaks
  inputs: {image: "https://assets.example.com/baker.jpg"}
  seed: "4177"  # asked for

"""

FILES = [
    # name         before                           after
    ("a.json",     f"[{TASK}]",                     f"[{TASK}]".replace('"5"', "5")),
    ("a.jsonl",    f"{TASK}\n\n{TASK.replace('eac5', 'eac6')}\r\n", f"{TASK}\n\n{TASK.replace('eac5', 'eac6')}\r\n".replace('"5"', "5")),
    ("a.jsonc",    JSONC,                           JSONC.replace("positivPrompt", "positivePrompt").replace('"4177"', "4177")),
    ("a.yaml",     YAML,                            YAML.replace("positivPrompt", "positivePrompt").replace('"4177"', "4177")),
]  # fmt: skip


BODY = '{"model": "gen4_turbo", "promptImage": "https://example.com/a.png", "ratio": "1280:720", "duration": "5"}'
SHOT = '{"id": 1, "mode": "image_to_video", ' + BODY.removeprefix("{")

FILES += [
    # name           before                                       after
    ("shots.json",   f'{{"shots": [{SHOT}]}}',                    f'{{"shots": [{SHOT}]}}'.replace('"5"', "5")),
    ("misspelt.json", f'{{"shots": [{SHOT}]}}'.replace("promptImage", "promtImage"), f'{{"shots": [{SHOT}]}}'.replace('"5"', "5")),
    ("shots.jsonl",  f'{SHOT}\n{{"shots": [{SHOT}]}}',            f'{SHOT}\n{{"shots": [{SHOT}]}}'.replace('"5"', "5")),
    ("shots.yaml",   f"shots:\n- {SHOT}\n",                       f"shots:\n- {SHOT}\n".replace('"5"', "5")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_is_mended_and_keeps_its_look(tmp_path, capsys, name, before, after):
    path = tmp_path / name
    path.write_bytes(before.encode())
    assert main(["lint", "--no-settings", str(path), "--diff"]) == 1
    assert path.read_bytes() == before.encode()
    assert "\n+" in capsys.readouterr().out
    assert main(["lint", "--no-settings", str(path), "--fix"]) == 0
    assert path.read_bytes() == after.encode()
    told = capsys.readouterr().err
    assert told.count(f"fixed {path}:") >= 1
    assert main(["lint", "--no-settings", str(path), "--diff"]) == 0
    assert main(["lint", "--no-settings", str(path), "--fix"]) == 0
    assert path.read_bytes() == after.encode()
    assert "fixed" not in capsys.readouterr().err


UNSAFE = f"[{TASK}]".replace('"5"', "16")


def test_what_changes_the_meaning_is_asked_for(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(UNSAFE, encoding="utf-8")
    assert main(["lint", "--no-settings", str(path), "--fix"]) == 1
    assert path.read_text(encoding="utf-8") == UNSAFE
    assert main(["lint", "--no-settings", str(path), "--unsafe-fixes"]) == 0
    assert path.read_text(encoding="utf-8") == UNSAFE.replace("16,", "15,")


LEFT = [
    # name         text                                                 what is said of it
    ("a.json.gz",  gzip.compress(f"[{TASK}]".encode()),                 "packed files are not fixed"),
    ("a.json",     b"[" + TASK.encode() + b", {]",                      ""),
    ("a.jsonc",    b"[" + TASK.replace('"duration"', '\n// preroll: ignore[type]\n"duration"').encode() + b"]", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "said"), LEFT, ids=[name for name, _, _ in LEFT])
def test_what_is_not_to_be_changed_is_left(tmp_path, capsys, name, raw, said):
    path = tmp_path / name
    path.write_bytes(raw)
    main(["lint", "--no-settings", str(path), "--fix"])
    assert path.read_bytes() == raw
    assert said in capsys.readouterr().err


def test_a_line_that_cannot_be_read_leaves_the_others_to_be_fixed(tmp_path, capsys):
    path = tmp_path / "a.jsonl"
    secret = '{"apiKey": "sk-0123456789abcdef"'
    before = f"{TASK}\n{secret}\n\n{TASK}\r\noops"
    path.write_bytes(before.encode())
    assert main(["lint", "--no-settings", str(path), "--diff"]) == 1
    said = capsys.readouterr()
    assert "0123456789abcdef" not in said.out
    assert f"{path}: lines that were not fixed: 2 (unreadable), 5 (unreadable)\n" in said.err
    assert main(["lint", "--no-settings", str(path), "--fix"]) == 2
    assert path.read_bytes() == before.replace('"5"', "5").encode()


def test_a_file_that_cannot_be_read_is_said_not_to_be_fixed(tmp_path, capsys):
    path = tmp_path / "a.json"
    path.write_text(f"[{TASK}", encoding="utf-8")
    main(["lint", "--no-settings", str(path), "--diff"])
    assert f"{path}: it was not fixed: the text ends" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_stops_nothing_else(tmp_path, capsys, monkeypatch):
    from preroll import rewriting

    def refusing(path: str, raw: bytes) -> None:
        if path.endswith("a.json"):
            raise PermissionError(13, "Permission denied")
        write(path, raw)

    write = rewriting.write_file
    monkeypatch.setattr(rewriting, "write_file", refusing)
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(f"[{TASK}]", encoding="utf-8")
    assert main(["lint", "--no-settings", str(tmp_path), "--fix"]) == 2
    said = capsys.readouterr()
    assert (tmp_path / "b.json").read_text(encoding="utf-8") == f"[{TASK}]".replace('"5"', "5")
    assert "a.json: it was not fixed: it cannot be written: Permission denied\n" in said.err
    assert "2 payloads in 2 files: 1 valid, 1 invalid" in said.out


SPELT = [
    # name,      a key as the file spells it,              the lines below it
    ("a.json",  '"sk-0123456789abcdef"',                   ""),
    ("a.json",  r'"sk-\u0030123456789abcdef"',             ""),
    ("a.jsonc", r'"sk-\/0123456789abcdef"',                " // mine"),
    ("a.json",  "10123456789",                             ""),
    ("a.jsonl", r'"sk-\u0030123456789abcdef"',             ""),
    ("a.yaml",  '"sk-012345678\\\n    9abcdef-0123456789"', ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "key", "comment"), SPELT, ids=[f"{name} {key}" for name, key, _ in SPELT])
def test_a_diff_shows_no_secret(tmp_path, capsys, name, key, comment):
    path = tmp_path / name
    gap = "" if name == "a.jsonl" else f"{comment}\n"
    path.write_text(f'[{{"taskType": "authentication", "apiKey": {key}}},{gap}{TASK}]\n', encoding="utf-8")
    main(["lint", "--no-settings", str(path), "--diff"])
    out = capsys.readouterr().out
    assert "duration" in out
    assert "23456789" not in out


@pytest.mark.parametrize("name", ["apiKye", "key", "apiKey"])
def test_a_diff_shows_no_key_under_another_name(tmp_path, capsys, name):
    path = tmp_path / "a.json"
    task = f'{{"taskType": "authentication", "{name}": "sk-0123456789abcdef"}}'
    path.write_text(f"[{task},\n{TASK}]", encoding="utf-8")
    main(["lint", "--no-settings", str(path), "--diff"])
    out = capsys.readouterr().out
    assert "duration" in out
    assert "0123456789abcdef" not in out


KEPT = [
    # a comment,                                what it stands beside or above
    ("# preroll: ignore\nnumberResult:\n  1\n", "width: 1920\nheight: 1080\n"),
    ("", "width: 1920\nheight: 1081  # preroll: ignore[unlisted-combination]\n"),
]


@pytest.mark.parametrize(("above", "sizes"), KEPT, ids=["a key", "a size"])
def test_what_lint_does_not_tell_is_not_fixed(tmp_path, capsys, above, sizes):
    path = tmp_path / "a.yaml"
    rest = "\n".join(
        f"{name}: {json.dumps(each)}"
        for name, each in json.loads(TASK).items()
        if name not in ("width", "height", "duration")
    )
    path.write_text(f"{rest}\n{above}{sizes}", encoding="utf-8")
    assert main(["lint", "--no-settings", str(path), "--diff", "--unsafe-fixes"]) == 0
    assert capsys.readouterr().out == ""
