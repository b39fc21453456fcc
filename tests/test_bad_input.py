"""
Bad input: one clear line with what to do, exit code 2, in bounded time, without a traceback or a secret.

`python tests/test_bad_input.py 10000` mangles that many files (bit flips, cuts, splices of the examples and
documents) and checks them; a few hundred of them run in the suite.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from tests.payloads import BAD, GOOD, KLING, kling, ovi, wan

from preroll.cli import main
from preroll.registry import data_root

SECRET = "sk-R4nD0m-5ecret-0123456789abcdef"
SCHEMAS = data_root()
KEYED = {"taskType": "authentication", "apiKey": SECRET}


class Run:
    """One run of the command line in this process."""

    def __init__(self, *arguments: str, stdin: bytes = b"") -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        before = sys.stdin
        sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
        started = time.monotonic()
        try:
            with contextlib.redirect_stdout(self.out), contextlib.redirect_stderr(self.err):
                self.code = main([*map(str, arguments)])
        finally:
            sys.stdin = before
        self.seconds = time.monotonic() - started

    @property
    def stdout(self) -> str:
        return self.out.getvalue()

    @property
    def stderr(self) -> str:
        return self.err.getvalue()


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    monkeypatch.delenv("PREROLL_DEBUG", raising=False)


def json_of(size: int) -> bytes:
    """A payload with one text of so many characters."""
    task = json.dumps([kling(positivePrompt="PROMPT")]).encode()
    return task.replace(b"PROMPT", b"x" * size)


BOMB = (
    "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))
).encode()
TASK = json.dumps(kling()).encode()

FILES = [
    # name of the file             its bytes                                            what is said, where
    ("empty.json", b"", r"empty\.json:1:1: the text is empty; give a JSON value"),
    ("blank.json", b" \n\t ", r"holds nothing but blanks"),
    ("binary.json", bytes(range(256)), r"not UTF-8|NUL byte|binary"),
    ("gzip.json", b"\x1f\x8b\x08\x00" + bytes(20), r"gzip-compressed data, not text; decompress it first"),
    ("zip.json", b"PK\x03\x04" + bytes(20), r"ZIP archive"),
    (
        "cut.json",
        b'[{"model": "a",\n "width": 19',
        r"cut\.json:2:13: the text ends inside the object .* it may have been cut off",
    ),
    ("cut-text.json", b'[{"model": "a', r"cut-text\.json:1:\d+: .*(ends|closed)"),
    (
        "twice.json",
        b'{"model": "a",\n "model": "b"}',
        r'twice\.json:2:2: the key "model" is given twice, first at 1:2; keep one',
    ),
    ("nan.json", b'[{"width": NaN}]', r"nan\.json:1:12: JSON has no NaN and no Infinity; write a number"),
    ("infinity.json", b"[-Infinity]", r"JSON has no NaN and no Infinity"),
    ("bom.json", b"\xef\xbb\xbf[]", r"bom\.json:1:1: the text begins with a byte order mark; save it as UTF-8 without"),
    ("utf16.json", '[{"a": 1}]'.encode("utf-16"), r"this is UTF-16, not UTF-8"),
    ("utf16le.json", '[{"a": 1}]'.encode("utf-16-le"), r"looks like UTF-16 without a byte order mark"),
    ("utf32.json", '[{"a": 1}]'.encode("utf-32"), r"this is UTF-32, not UTF-8"),
    (
        "latin1.json",
        '[{"a": "ä"}]'.encode("latin-1"),
        r"latin1\.json:1:9: the byte 0xe4 .* is not UTF-8; save the text as UTF-8",
    ),
    ("surrogate.json", rb'["\ud83e"]', r"surrogate\.json:1:3: .*surrogate"),
    ("surrogate-key.json", rb'{"\udd8a": 1}', r"surrogate"),
    ("nested.json", b"[" * 100_000, r"nested\.json:1:501: arrays and objects are nested deeper than 500 levels"),
    ("nested-closed.json", b"[" * 100_000 + b"]" * 100_000, r"nested deeper than 500 levels"),
    ("nested-objects.json", b'{"a":' * 100_000, r"nested deeper than 500 levels"),
    ("digits.json", b'[{"width": ' + b"9" * 10_000 + b"}]", r"digits\.json:1:12: a number has more than 1,000 digits"),
    ("digits-negative.json", b"[-" + b"1" * 10_000 + b".5]", r"more than 1,000 digits"),
    ("exponent.json", b"[1e999999999]", r"exponent of a number is beyond 1,000"),
    ("python.json", b"[{'model': True}]", r"python\.json:1:3: "),
    ("comment.json", b"// a job\n[]", r"comment\.json:1:1: "),
    ("comma.json", b"[1, 2,]", r"trailing comma"),
    ("two.json", b"{}\n{}", r"two\.json:2:1: there is more text .*\.jsonl"),
    ("control.json", b'["a\nb"]', r"line break"),
    ("nul.json", b'["a\x00b"]', r"NUL byte"),
    ("bomb.yaml", BOMB, r"alias"),
    ("tag.yaml", b"model: !!python/object/apply:os.system [id]\n", r"tag\.yaml:1:8: .*tag"),
    ("local-tag.yaml", b"- !secret a\n", r"tag"),
    ("merge.yaml", b"a: &a {x: 1}\nb:\n  <<: *a\n", None),
    ("norway.yaml", b"no: no\n", r"an object with the keys"),
    ("tabs.yaml", b"a:\n\tb: 1\n", r"tabs\.yaml:2:1: .*tab"),
    ("twice.yaml", b"a: 1\na: 2\n", r"twice\.yaml:2:1: .*twice"),
    ("documents.yaml", b"--- {}\n--- {}\n", r"documents"),
    ("loop.yaml", b"a: &a [*a]\n", r"alias|anchor|itself"),
    ("number.json", b"5", r"a request is an object or an array"),
    ("text.json", b'"text"', r"a request is an object or an array"),
    ("nothing.json", b"null", r"a request is an object or an array"),
    (
        "strange.json",
        b'{"colour": "red"}',
        r"an object with the keys colour .* say what it is meant for with --as TARGET",
    ),
    ("empty-object.json", b"{}", r"an empty object"),
    ("empty-array.json", b"[]", r"an empty array"),
]


@pytest.mark.parametrize(("name", "raw", "words"), FILES, ids=[each[0] for each in FILES])
def test_a_bad_file_is_told_in_one_line(tmp_path, name, raw, words):
    (tmp_path / name).write_bytes(raw)
    run = Run("check", tmp_path / name)
    assert run.code == 2, run.stdout + run.stderr
    assert run.stdout == ""
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith(f"preroll: {tmp_path / name}")
    assert words is None or re.search(words, run.stderr), run.stderr
    assert len(run.stderr) < 400 + len(str(tmp_path))
    assert run.seconds < 5


@pytest.mark.parametrize(
    "raw",
    [each[1] for each in FILES if each[0].endswith(".json")],
    ids=[each[0] for each in FILES if each[0].endswith(".json")],
)
def test_standard_input_is_read_with_the_same_care(raw):
    run = Run("check", "-", stdin=raw)
    assert run.code == 2
    assert run.stderr.startswith("preroll: <stdin>")
    assert run.stderr.count("\n") == 1


def test_a_missing_file_a_folder_and_a_pipe_are_told(tmp_path):
    missing = Run("check", tmp_path / "nowhere.json")
    assert (missing.code, missing.stderr.count("\n")) == (2, 1)
    assert re.search(r"nowhere\.json: there is no such file|no such file", missing.stderr)
    folder = Run("check", tmp_path)
    assert (folder.code, folder.stderr.count("\n")) == (2, 1)
    assert "this is a folder, not a file" in folder.stderr
    os.mkfifo(tmp_path / "pipe")
    pipe = Run("check", tmp_path / "pipe")
    assert pipe.code == 2
    assert "use '-' to read standard input" in pipe.stderr
    nul = Run("check", "a\0b")
    assert nul.code == 2
    assert "NUL" in nul.stderr


def test_a_file_without_permission_is_told(tmp_path, monkeypatch):
    path = tmp_path / "secret.json"
    path.write_bytes(TASK)
    opened = os.open

    def refused(name, *arguments, **options):  # the superuser may read everything, so the system's no is played
        if Path(os.fsdecode(name)) == path:
            raise PermissionError(13, "Permission denied", name)
        return opened(name, *arguments, **options)

    monkeypatch.setattr(os, "open", refused)
    run = Run("check", path)
    assert run.code == 2
    assert "the file may not be read; give yourself the permission" in run.stderr


def test_a_text_of_200_megabytes_is_bounded(tmp_path):
    path = tmp_path / "long.json"
    path.write_bytes(json_of(200_000_000))
    run = Run("check", path, "--format", "json")
    assert run.code in (1, 2)
    assert run.seconds < 30
    assert len(run.stdout) + len(run.stderr) < 10_000


def test_more_than_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)
    run = Run("check", path)
    assert run.code == 2
    assert "more than the 256 MiB that are read; split it" in run.stderr
    assert run.seconds < 2


DOCUMENTS = [
    # name                  text                                                                what is said
    ("none.json", '{"hello": "world"}', "neither an OpenAPI document nor a JSON Schema"),
    ("swagger.json", '{"swagger": "2.0"}', "Swagger 2.0 is not read; give an OpenAPI 3.0, 3.1 or 3.2 document"),
    ("list.json", "[]", "neither an OpenAPI document"),
    ("cut.json", '{"openapi": "3.1.0", "paths": {', "the text ends inside the object"),
    ("broken.yaml", "openapi: [3.1.0\n", "broken.yaml:"),
    ("tag.yaml", "openapi: !!python/name:os.system\n", "tag"),
    ("loop.json", '{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}', "leads back to itself"),
    ("remote.json", '{"$ref": "https://example.com/schema.json"}', "nothing is fetched; bundle the document first"),
    (
        "missing.json",
        '{"allOf": [{"$ref": "#/$defs/a"}]}',
        "missing.json#/allOf/0/$ref: the $ref '#/$defs/a' leads nowhere",
    ),
    ("deep.json", '{"not":' * 450 + "{}" + "}" * 450, "nested deeper than 400 levels"),
]


@pytest.mark.parametrize(("name", "text", "words"), DOCUMENTS, ids=[each[0] for each in DOCUMENTS])
@pytest.mark.parametrize("verb", ["check", "targets"])
def test_a_bad_document_is_told_in_one_line(tmp_path, verb, name, text, words):
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "job.json").write_bytes(TASK)
    run = Run(verb, *([tmp_path / "job.json"] if verb == "check" else []), "--documents", tmp_path / name)
    assert run.code == 2, run.stdout + run.stderr
    assert run.stderr.count("\n") == 1
    assert words in run.stderr
    assert name in run.stderr
    assert run.seconds < 5


def test_a_circle_through_all_of_in_a_document_is_told(tmp_path):
    text = '{"title": "t", "allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}}'
    (tmp_path / "loop.json").write_text(text, encoding="utf-8")
    (tmp_path / "job.json").write_bytes(b'{"a": 1}')
    run = Run("check", tmp_path / "job.json", "--documents", tmp_path / "loop.json", "--as", "schema/t")
    assert run.code == 2
    assert "loop.json#" in run.stderr


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(?!x)(a|a)*$", r"(a{1000}){1000}", "(", r"^(?:(a+)+)\\1$"])
def test_a_hostile_pattern_in_a_document_takes_bounded_time(tmp_path, pattern):
    schema = {"title": "t", "type": "object", "properties": {"name": {"pattern": pattern}}}
    (tmp_path / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (tmp_path / "job.json").write_text(json.dumps({"name": "a" * 5000 + "!"}), encoding="utf-8")
    run = Run("check", tmp_path / "job.json", "--documents", tmp_path / "schema.json", "--as", "schema/t")
    assert run.code in (1, 2)
    assert "Traceback" not in run.stderr
    assert "internal fault" not in run.stderr
    assert run.seconds < 5


USES = [
    # arguments                                               what is said
    (["chekc"],                                               "Did you mean 'check'?"),
    (["check", "--nonsense"],                                 "No such option"),
    (["check", "JOB", "--as", "image_to_vidoe"],              "did you mean runwayml/image_to_video"),
    (["check", "JOB", "--response", "200"],                   "a response needs a target"),
    (["check", "JOB", "--as", "image_to_video", "--response", "418"], "describes no response with status 418"),
    (["check", "JOB", "--param", "X-Version=1"],              "is not PLACE.NAME=VALUE"),
    (["check", "JOB", "--param", "header.X"],                 "is not PLACE.NAME=VALUE"),
    (["check", "JOB", "--today", "soon"],                     "write it as 2025-01-31"),
    (["check", "JOB", "--format", "xml"],                     "xml"),
    (["check", "JOB", "--output", "text"],                    "is not FORMAT:FILE"),
    (["check", "JOB", "--output", "text:/nowhere/at/all"],    "cannot be written"),
    (["check", "JOB", "--documents", "/nowhere/at/all"],      "nowhere"),
    (["show"],                                                "say which TARGET to show"),
    (["show", "klingai:kling-video@o3"],                      "did you mean"),
    (["explain", "forbiden-when"],                            "did you mean forbidden-when"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), USES, ids=[" ".join(each[0]) for each in USES])
def test_wrong_use_is_told_with_what_to_do(tmp_path, arguments, words):
    (tmp_path / "job.json").write_bytes(TASK)
    run = Run(*(str(tmp_path / "job.json") if each == "JOB" else each for each in arguments))
    assert run.code == 2
    assert words in run.stderr
    assert run.stdout == "" or "--output" in arguments
    assert run.stderr.count("\n") <= 4


def test_control_characters_of_a_file_never_reach_the_terminal(tmp_path):
    task = kling(**{"\x1b[2J\x07": "\x1b]0;owned\x07", "model": KLING})
    (tmp_path / "job.json").write_text(json.dumps([task]), encoding="utf-8")
    for form in ("text", "json"):
        run = Run("check", tmp_path / "job.json", "--format", form)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", run.stdout + run.stderr)
    strange = tmp_path / "a\x1b[31m.json"
    run = Run("check", strange)
    assert "\x1b" not in run.stderr


# --- secrets ---

LEAKS = [
    # what is wrong with a request that holds a key
    [KEYED, kling()],
    [KEYED, kling(duration=99)],
    [KEYED, KEYED, kling()],
    [kling(), KEYED],
    [{**KEYED, "apiKey": [SECRET]}, kling()],
    [{**KEYED, "apiKey": {"value": SECRET}}, kling()],
    [{**KEYED, "apikey": SECRET}, kling()],
    [{**KEYED, "APIKEY": SECRET}, kling()],
    [{"taskType": "authentication", "apiKye": SECRET}, kling()],
    [{"taskType": "authentication", "api_key": SECRET}, kling()],
    [{"taskType": "authentication", "api-key": SECRET}, kling()],
    [{"taskType": "authentication", "key": SECRET}, kling()],
    [{"taskType": "authenticaton", "apiKey": SECRET}, kling()],
    [{**KEYED, "more": SECRET}, kling()],
    [{"apiKey": SECRET}, kling()],
    [kling(apiKey=SECRET)],
    [kling(inputs={"apiKey": SECRET})],
    [kling(headers={"Authorization": f"Bearer {SECRET}"})],
    {"tasks": [KEYED, kling()]},
    {"apiKey": SECRET, "tasks": [kling()]},
    {"apiKey": SECRET, **kling()},
    {"apiKey": SECRET},
    {"apiKey": SECRET, "model": "gen4_turbo", "promptImage": "x"},
    [[KEYED]],
    KEYED,
    {**KEYED, "apiKey": SECRET * 20},
    {**KEYED, "taskType": 5},
    {**KEYED, "apiKey": ""},
    {**KEYED, "apiKey": None},
    [{"taskType": "authentication", "HOUSE_API_KEY": SECRET}, kling()],
    [kling(accessToken=SECRET)],
]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("payload", LEAKS, ids=lambda payload: json.dumps(payload).replace(SECRET, "KEY")[:60])
def test_a_key_is_never_shown(tmp_path, payload, form):
    for indent in (None, 2):
        (tmp_path / "job.json").write_text(json.dumps(payload, indent=indent), encoding="utf-8")
        for more in ([], ["-v"], ["--as-published"], ["--as", f"runware/{KLING}"], ["--unknown", "error"]):
            run = Run("check", tmp_path / "job.json", "--format", form, *more)
            assert SECRET not in run.stdout + run.stderr, more
            assert run.code in (0, 1, 2)


SPELT = [
    # how a file spells a key,          what of it nobody may see
    (".json", r'"live_AAAA\u0042BBB1"', "BBB1"),
    (".json", r'"live\/AAAA/BBB1"',      "BBB1"),
    (".yaml", "'live_AAAA''BBB1'",       "BBB1"),
    (".yaml", '"live_AAAA\\\n    BBB1"', "BBB1"),
    (".yaml", ">-\n    live_AAAA\n    BBB1", "BBB1"),
]  # fmt: skip


@pytest.mark.parametrize(("ending", "spelt", "secret"), SPELT, ids=[each[1] for each in SPELT])
def test_a_key_is_hidden_however_it_is_spelt(tmp_path, ending, spelt, secret):
    job = json.dumps(kling(duration=99))
    text = f'[{{"taskType": "authentication", "apiKey": {spelt}}},\n{job}]'
    if ending == ".yaml":
        text = f"- taskType: authentication\n  apiKey: {spelt}\n- {job}\n"
    (tmp_path / f"job{ending}").write_text(text, encoding="utf-8")
    run = Run("check", tmp_path / f"job{ending}")
    assert run.code == 1
    assert "***" in run.stdout
    assert secret not in run.stdout + run.stderr


BROKEN = [
    # the text around a key, broken in different ways
    '[{"taskType": "authentication", "apiKey": %s}]',
    '[{"taskType": "authentication", "apiKey": \'%s\'}]',
    '[{"taskType": "authentication", "apiKey": "%s]',
    '[{"taskType": "authentication", "apiKey": "%s}, {"a": 1}]',
    '[{"taskType": "authentication", "apiKey": "\n%s"}]',
    '[{"taskType": "authentication" "%s"}]',
    '{"apiKey": "%s", "apiKey": "b"}',
    "apiKey: %s",
    '"%s"',
    "%s",
    '["%s", NaN]',
    '["%s"',
    '\ufeff["%s"]',
]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("ending", ["json", "yaml"])
def test_a_key_in_a_broken_file_is_never_shown(tmp_path, text, ending):
    (tmp_path / f"job.{ending}").write_text(text.replace("%s", SECRET), encoding="utf-8")
    run = Run("check", tmp_path / f"job.{ending}")
    assert run.code in (0, 1, 2)
    assert SECRET not in run.stdout + run.stderr


def test_a_key_given_as_a_parameter_is_never_shown(tmp_path):
    (tmp_path / "job.json").write_bytes(TASK)
    for parameter in (f"header.Authorization=Bearer {SECRET}", f"header.X-Api-Key={SECRET}"):
        run = Run("check", tmp_path / "job.json", "--as", KLING, "--param", parameter)
        assert SECRET not in run.stdout + run.stderr


# --- mangled files ---

FUZZED = 500


def materials() -> list[tuple[str, bytes]]:
    """The examples and the documents, with what they are checked as."""
    jobs = [("job", path.read_bytes()) for path in (*GOOD, *BAD)]
    documents = [("document", path.read_bytes()) for path in sorted(SCHEMAS.glob("*/*.json"))]
    extra = [
        ("yaml", text)
        for text in (BOMB, b"- taskType: authentication\n  apiKey: x\n", b"model: gen4_turbo\nratio: 16:9\n")
    ]
    return [*jobs, *documents[:4], *extra]


def mangled(raw: bytes, other: bytes, pick: random.Random) -> bytes:
    """Bit flips, cuts, splices, repeats and swapped tokens."""
    for _ in range(pick.choice((1, 1, 2, 5))):
        if not raw:
            return raw
        at, end = sorted((pick.randrange(len(raw) + 1), pick.randrange(len(raw) + 1)))
        match pick.randrange(9):
            case 0 | 1:
                flipped = bytearray(raw)
                for _ in range(pick.choice((1, 3, 20))):
                    flipped[pick.randrange(len(raw))] ^= 1 << pick.randrange(8)
                raw = bytes(flipped)
            case 2:
                raw = raw[:at]
            case 3:
                raw = raw[:at] + raw[end:]
            case 4:
                start = pick.randrange(len(other) + 1)
                raw = raw[:at] + other[start : start + pick.choice((10, 100, 1000))] + raw[at:]
            case 5:
                raw = raw[:end] + raw[at:end] * pick.choice((1, 3)) + raw[end:]
            case 6:
                tokens = re.findall(rb'"(?:[^"\\]|\\.)*"|[\d.]+|\w+|\s+|.', raw, re.DOTALL)
                one, two = pick.randrange(len(tokens)), pick.randrange(len(tokens))
                tokens[one], tokens[two] = tokens[two], tokens[one]
                raw = b"".join(tokens)
            case 7:
                token = pick.choice(
                    (b"null", b"-1", b"1e400", b"{}", b"[]", b'""', b"true", b"9" * 30, rb'"\ud800"', b"\xff", b"\x00")
                )
                values = list(re.finditer(rb'(?<=: )(?:"[^"]*"|[\d.]+|true|false)', raw))
                if values:
                    found = pick.choice(values)
                    raw = raw[: found.start()] + token + raw[found.end() :]
            case 8:
                raw = (
                    raw[:at]
                    + pick.choice((b"[" * 600, b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\\u0000", b"\r", b"//", b"#"))
                    + raw[at:]
                )
    return raw


def try_mangled(count: int, seed: int, folder: Path) -> list[str]:
    """What went wrong with so many mangled files: a crash, a hang, a traceback, a message that is no line."""
    pick = random.Random(seed)
    every = materials()
    wrong = []
    for index in range(count):
        kind, raw = pick.choice(every)
        path = folder / ("mangled.yaml" if kind == "yaml" or pick.random() < 0.05 else "mangled.json")
        path.write_bytes(mangled(raw, pick.choice(every)[1], pick))
        if kind == "document":
            arguments = ["check", str(GOOD[0]), "--documents", str(path)]
        else:
            arguments = [
                "check",
                str(path),
                *pick.choice(([], ["--format", "json"], ["-v"], ["--as-published"], ["--as", "image_to_video"])),
            ]
        run = Run(*arguments)
        fault = ""
        if run.code not in (0, 1, 2):
            fault = f"exit {run.code}"
        elif "Traceback" in run.stdout + run.stderr or "internal fault" in run.stderr:
            fault = "traceback"
        elif run.code == 2 and (run.stderr.count("\n") != 1 or run.stdout):
            fault = "not one line"
        elif run.seconds > 5:
            fault = f"{run.seconds:.1f} s"
        if fault:
            kept = Path(tempfile.gettempdir()) / f"mangled-{seed}-{index}{path.suffix}"
            kept.write_bytes(path.read_bytes())
            again = " ".join(("preroll", arguments[0], str(kept), *arguments[2:]))
            wrong.append(f"{fault}: {again}: {run.stderr.strip()[:200]}")
    return wrong


def test_mangled_files_are_read_or_refused(tmp_path):
    assert try_mangled(FUZZED, 1, tmp_path) == []


# --- the real command ---


def preroll(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-c", "from preroll.cli import run; run()", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
        check=False,
        **options,
    )


def test_the_command_itself_has_the_same_manners(tmp_path):
    (tmp_path / "nested.json").write_bytes(b"[" * 100_000)
    done = preroll("check", tmp_path / "nested.json")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    (tmp_path / "job.json").write_text(json.dumps([KEYED, ovi(steps="30"), wan()]), encoding="utf-8")
    done = preroll("check", tmp_path / "job.json")
    assert done.returncode == 1
    assert SECRET not in done.stdout + done.stderr
    assert done.stderr == ""


def test_a_reader_that_goes_away_is_no_fault(tmp_path):
    (tmp_path / "job.json").write_text(json.dumps([kling(duration=99)]), encoding="utf-8")
    run_it = f"{sys.executable} -c 'from preroll.cli import run; run()'"
    command = f"{run_it} check {tmp_path / 'job.json'} --format json | head -c 1"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, timeout=60, env=environment, check=False
    )
    assert done.stderr == ""


def test_an_interrupt_is_no_traceback(tmp_path):
    script = (
        "import os, signal, threading\n"
        "threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "from preroll.cli import run\nrun()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", script, "check"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as child:
        code = child.wait(timeout=60)
        assert child.stderr is not None
        said = child.stderr.read().decode()
    assert code == 130
    assert "Traceback" not in said


STREAMS = [
    # redirection,     arguments,                  exit code, what is said
    (">/dev/full",     ["lint", "good.json"],      2, "standard output cannot be written: no space left on device"),
    (">/dev/full",     ["check", "good.json"],     2, "standard output cannot be written: no space left on device"),
    (">/dev/full",     ["targets"],                2, "standard output cannot be written: no space left on device"),
    (">&-",            ["lint", "good.json"],      2, "standard output cannot be written: bad file descriptor"),
    (">&-",            ["--help"],                 2, "standard output cannot be written: bad file descriptor"),
    ("<&-",            ["check", "-"],             2, "the text is empty"),
    ("<&-",            ["lint", "-"],              2, ""),
    ("2>&-",           ["check", "missing.json"],  2, ""),
    ("<&- 2>&-",       ["check", "good.json"],     0, ""),
]  # fmt: skip


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")  # noqa: PTH110
@pytest.mark.parametrize(("redirection", "arguments", "code", "said"), STREAMS)
def test_streams_that_are_full_or_closed_are_no_fault(tmp_path, redirection, arguments, code, said):
    (tmp_path / "good.json").write_text(json.dumps([kling()]), encoding="utf-8")
    command = f"{sys.executable} -c 'from preroll.cli import run; run()' {' '.join(arguments)} {redirection}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert said in done.stderr
    assert len(done.stderr.splitlines()) <= 1


if __name__ == "__main__":
    total = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as where:
        begun = time.monotonic()
        faults = [
            each for part in range(0, total, 1000) for each in try_mangled(min(1000, total - part), part, Path(where))
        ]
        print(*faults, f"{total} files in {time.monotonic() - begun:.0f} s: {len(faults)} faults", sep="\n")  # noqa: T201
