"""
`preroll contract`: offline unless told otherwise, and nothing wrong begins.
"""

from __future__ import annotations

import builtins
import json
import re
from pathlib import Path

import pytest
from tests.contract.filmmaker import DOCUMENT, KEY, refusing, serving

from preroll.cli import main
from preroll.cli.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
OVI = "runware:190@1"


@pytest.fixture
def film(tmp_path):
    """The made-up vendor's document as a file: to the command it is a vendor that nobody has described."""
    path = tmp_path / "film-maker.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    return ["film-maker/films", "--documents", str(path)]


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        code = main(["contract", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return run


# --- what is refused before any socket is opened ---

REFUSED = [
    # the arguments                                             what is said
    (["nothing/known"],                                         "no known target"),
    (["runwayml/GET:tasks/{id}"],                               "describes no payload"),
    (["runware/authentication"],                                "no operation of a service"),
    ([OVI, "--live"],                                           "RUNWARE_API_KEY"),
    ([OVI, "--live", "--key-env", "NO_SUCH_KEY"],               "NO_SUCH_KEY"),
    ([OVI, "--live", "--server", "https://elsewhere.example"],  "--allow-host elsewhere.example:443"),
    ([OVI, "--live", "--server", "https://elsewhere.example", "--allow-host", "other.example"], "elsewhere.example"),
    ([OVI, "--live", "--server", "http://127.0.0.1:9"],         "--allow-host 127.0.0.1:9"),
    ([OVI, "--live", "--server", "http://elsewhere.example", "--allow-host", "elsewhere.example"], "not encrypted"),
    ([OVI, "--live", "--server", "https://me:secret@127.0.0.1", "--allow-host", "127.0.0.1"], "must not carry"),
    ([OVI, "--live", "--server", "https://h.example?key=secret", "--allow-host", "h.example"], "no address"),
    ([OVI, "--key-env", "rw_secret_1"],                         "never the key itself"),
    ([OVI, "--live", "--replay", "x"],                          "give one of them"),
    ([OVI, "--record", "x"],                                    "needs --live"),
    ([OVI, "--drafts", "x"],                                    "needs answers"),
    ([OVI, "--live", "--mock"],                                 "needs --server"),
    ([OVI, "--live", "--mock", "--server", "https://api.runware.ai/v1"],     "loopback"),
    ([OVI, "--live", "--mock", "--server", "https://mock.example"],          "loopback"),
    ([OVI, "--live", "--stage", "paid"],                        "--max-requests and --max-cost"),
    ([OVI, "--live", "--stage", "paid", "--max-requests", "1"], "--max-cost"),
    ([OVI, "--live", "--stage", "paid", "--max-requests", "1", "--max-cost", "5"], "unknown is not zero"),
    ([OVI, "--max-cost", "much"],                               "no amount"),
    ([OVI, "--max-cost", "NaN"],                                "no amount"),
    ([OVI, "--max-cost", "-1"],                                 "no amount"),
    ([OVI, "--today", "soon"],                                  "no date"),
    ([OVI, "--output", "text"],                                 "FORMAT:FILE"),
    (["luma:ray@3.2", "--live", "--stage", "paid", "--max-requests", "3", "--max-cost", "19"], "could cost $19.44"),
    (["runwayml/text_to_video", "--stage", "dry-run"],          "no dry run"),
    (["runwayml/text_to_video", "--live", "--stage", "paid", "--max-requests", "1", "--max-cost", "5"], "is unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=[" ".join(each[0]) for each in REFUSED])
def test_what_is_wrong_is_said_in_one_line_before_a_socket_is_opened(call, sockets, tmp_path, arguments, said):
    code, out, err = call(*arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert said in err
    assert "Traceback" not in err
    assert "secret" not in err
    assert [each for each in sockets if each[0] in ("socket.connect", "socket.getaddrinfo")] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--stage", "all"], ["--rate", "0"], ["--timeout", "0"], ["--key", "abc"], []])
def test_what_click_refuses_is_wrong_use(call, arguments):
    assert call(*([OVI, *arguments] if arguments else []))[0] == Exit.USAGE


def test_a_vendor_that_nobody_has_described_needs_a_name_for_its_key(call, film):
    code, _, err = call(*film, "--live")
    assert code == Exit.USAGE
    assert "--key-env" in err


def test_a_missing_group_is_told_with_the_line_that_installs_it(call, monkeypatch):
    usual = builtins.__import__

    def without(name, *arguments, **options):
        if name.partition(".")[0] == "hypothesis":
            raise ImportError("No module named 'hypothesis'", name="hypothesis")
        return usual(name, *arguments, **options)

    import sys

    for name in [each for each in sys.modules if each.startswith("preroll_fuzz")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    code, _, err = call(OVI)
    assert code == Exit.USAGE
    assert "pip install 'preroll[contract]'" in err


def test_the_http_client_is_asked_for_only_where_it_is_needed(call, monkeypatch, film):
    usual = builtins.__import__

    def without(name, *arguments, **options):
        if name.partition(".")[0] == "httpx":
            raise ImportError("No module named 'httpx'", name="httpx")
        return usual(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setenv("FILM_KEY", KEY)
    assert call(*film)[0] == Exit.CLEAN
    code, _, err = call(*film, "--live", "--key-env", "FILM_KEY")
    assert code == Exit.USAGE
    assert "pip install 'preroll[contract]'" in err


# --- what a run comes to ---


def live(call, film, answer, *more, key=KEY):
    with serving(answer) as (url, asked):
        host = url.removeprefix("http://")
        code, out, err = call(
            *film, "--live", "--server", url, "--allow-host", host, "--key-env", "FILM_KEY", "--rate", "1000", *more
        )
    return code, out, err, asked


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("FILM_KEY", KEY)


def sane(method, path, headers, body):
    """A service that refuses what its document refuses, in the words of nobody in particular."""
    return 400, {"error": "no"}


CODES = [
    # what the service does             exit code
    (refusing,                          Exit.CLEAN),
    (lambda *_: (200, {"film": "f"}),   Exit.VIOLATIONS),
    (lambda *_: (500, {"error": "oh"}), Exit.INCONCLUSIVE),
    (lambda *_: (401, {"error": "no"}), Exit.INCONCLUSIVE),
    (lambda *_: (200, b"<html>"),       Exit.INCONCLUSIVE),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "code"), CODES)
def test_the_exit_code_tells_what_a_run_came_to(call, film, answer, code):
    assert live(call, film, answer)[0] == code


def test_warnings_fail_when_that_is_asked_for(call, film):
    def undocumented(*_):
        return 400, {"error": 5}

    assert live(call, film, undocumented)[0] == Exit.CLEAN
    assert live(call, film, undocumented, "--strict")[0] == Exit.VIOLATIONS


def test_a_run_is_recorded_and_replayed_without_network_and_key(call, film, tmp_path, monkeypatch, sockets):
    code, out, _, _ = live(call, film, refusing, "--record", "rec", "--format", "json")
    monkeypatch.delenv("FILM_KEY")
    sockets.clear()
    again, replayed, err = call(*film, "--replay", "rec", "--format", "json")
    assert (again, err) == (code, "")
    assert json.loads(replayed)["findings"] == json.loads(out)["findings"]
    assert sockets == []


def test_a_missing_recording_fails(call, film):
    code, out, _ = call(*film, "--replay", "nowhere")
    assert code == Exit.VIOLATIONS
    assert "missing-recording" in out


def test_no_key_is_in_any_file_or_line(call, film, tmp_path):
    def telling(method, path, headers, body):
        return 400, {"error": headers["x-film-key"], "issues": [{"message": KEY, "code": KEY, "path": [KEY]}]}

    outputs = [f"--output={form}:out.{form}" for form in ("json", "markdown", "html", "sarif", "junit", "github")]
    _, out, err, asked = live(call, film, telling, "--record", "rec", "--drafts", "drafts", "-v", *outputs)
    assert len(asked) > 5
    assert KEY not in out + err
    written = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert len(written) > 7
    assert all(KEY.encode() not in each.read_bytes() for each in written)


def test_a_recording_that_would_hold_a_secret_is_not_written_and_that_is_told(call, film, tmp_path, monkeypatch):
    monkeypatch.setattr("preroll_fuzz.contract.recording.redacted", lambda value, _: value)
    monkeypatch.setattr("preroll_fuzz.contract.running.redacted", lambda value, _: value)

    def telling(method, path, headers, body):
        return 400, {"error": "no", "issues": [{"token": "abcdef"}]}

    code, out, err, _ = live(call, film, telling, "--record", "rec")
    assert code == Exit.USAGE
    assert "was not written" in err
    assert "abcdef" not in err
    assert out
    assert not (tmp_path / "rec").exists()


def test_a_live_run_writes_its_journal_even_if_nobody_names_one(call, film, tmp_path):
    live(call, film, refusing)
    assert (tmp_path / "preroll-contract.journal.jsonl").is_file()


def test_a_mock_needs_neither_key_nor_journal_nor_an_allowed_host(call, film, tmp_path, monkeypatch):
    monkeypatch.delenv("FILM_KEY")
    with serving(lambda *_: (200, {"film": "f"})) as (url, asked):
        code, out, _ = call(*film, "--live", "--mock", "--server", url, "--stage", "free", "--stage", "dry-run")
    assert code == Exit.VIOLATIONS
    assert len(asked) > 10
    assert "accepted-though-invalid" in out
    assert [each.name for each in tmp_path.iterdir()] == ["film-maker.json"]


def test_the_server_keeps_its_path_unless_another_is_given(call, film):
    for given, path in (("", "/v2/films"), ("/", "/films"), ("/v9", "/v9/films")):
        with serving(refusing) as (url, asked):
            call(*film, "--live", "--mock", "--server", url + given, "--only", "/seconds")
        assert {each[1] for each in asked} == {path}


def test_drafts_are_written_and_named_in_the_report(call, film, tmp_path):
    with serving(lambda *_: (200, {"film": "f"})) as (url, _):
        _, out, _ = call(*film, "--live", "--mock", "--server", url, "--only", "maximum", "--drafts", "drafts")
    (file, *_) = sorted((tmp_path / "drafts").iterdir())
    assert file.name in out.replace("\n", "")


# --- the documentation ---


def test_the_plan_in_the_documentation_is_the_one_that_is_printed(call, monkeypatch):
    page = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
    found = re.search(r"    \$ preroll (contract [^\n]*)\n\n```text\n(.*?)```", page, re.DOTALL)
    assert found is not None
    command, shown = found.groups()
    monkeypatch.setattr("preroll.cli.options.width", lambda: 100)
    code, out, _ = call(*command.split()[1:])
    assert code == Exit.CLEAN
    assert out == shown


def test_every_option_is_in_the_documentation():
    from preroll.cli.contract import command

    page = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
    options = {each for one in command.params for each in one.opts if each.startswith("--")}
    shared = {"--documents", "--format", "--output", "--color", "--verbose"}
    assert {each for each in options - shared if f"`{each}" not in page and f" {each}" not in page} == set()


def test_every_finding_and_every_reason_is_in_the_documentation():
    from preroll.disagreement import KINDS

    page = (ROOT / "docs/contract.md").read_text(encoding="utf-8")
    assert [each for each in KINDS if f"`{each}`" not in page] == []
