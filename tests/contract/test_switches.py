"""
What `preroll contract` makes of services that misbehave: a run for every switch of the simulator.

`PREROLL_SNAPSHOTS=write pytest tests/contract` writes the snapshots anew; read the difference before you commit it.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.contract.simulator import KEY, SWITCHES, Simulator

from preroll.cli import main

SNAPSHOTS = Path(__file__).parent / "snapshots"
TODAY = "2025-06-15"
VARIABLES = ("RUNWARE_API_KEY", "RUNWAYML_API_SECRET")

OVI = ("runware/runware:190@1", "--only", "steps")
RAY = ("runware/luma:ray@3.2", "--only", "plain")
SOUND = ("runwayml/sound_effect", "--only", "duration")
NEVER_SENT = ("webhookURL", "uploadEndpoint")


@dataclass(frozen=True)
class Case:
    """A run against a service: its name, the switch with its options, the arguments, the exit code."""

    id: str
    switch: str
    arguments: tuple[str, ...]
    exit: int
    options: dict[str, Any] = field(default_factory=dict)
    key: str = KEY  # that the service takes
    view: str = "intended"


DRY = ("--stage", "free", "--stage", "dry-run")
PAID = ("--stage", "paid", "--max-requests", "1", "--max-cost", "7")

CASES = [
    # what it shows                            switch                      arguments                    exit
    Case("behaves", "", OVI, 0),
    Case("behaves-with-valid-payloads", "", (*OVI[:1], *DRY[2:], "--max-requests", "9"), 0),
    Case("behaves-when-paid", "", (*RAY, *PAID), 0),
    Case("behaves-otherwise-than-intended", "", (*OVI[:1], "--only", "image-not", "--prose"), 1, view="published"),
    Case("accepts-everything", "accepts-everything", OVI, 1),
    Case("accepts-everything-that-can-be-cancelled", "accepts-everything", SOUND, 1),
    Case("rejects-everything", "rejects-everything", OVI, 0),
    Case("rejects-what-is-valid", "rejects-everything", (*OVI[:1], *DRY[2:], "--max-requests", "2"), 1),
    Case("other-wording", "other-wording", OVI, 0),
    Case("too-many-requests-once", "too-many-requests", OVI, 0, {"seconds": 0, "times": 1}),
    Case("too-many-requests", "too-many-requests", OVI, 4, {"seconds": 0}),
    Case("too-many-requests-for-long", "too-many-requests", SOUND, 4, {"seconds": 86400}),
    Case("internal-error", "internal-error", OVI, 4),
    Case("internal-error-once", "internal-error", SOUND, 4, {"times": 1}),
    Case("slow", "slow", (*OVI, "--timeout", "0.3"), 4, {"seconds": 20}),
    Case("drops", "drops", OVI, 4),
    Case("wrong-content-type", "wrong-content-type", SOUND, 4),
    Case("huge-body", "huge-body", OVI, 4, {"size": 2**26}),
    Case("redirects", "redirects", OVI, 4),
    Case("accepts-an-invalid-task", "accepts-an-invalid-task", OVI, 1),
    Case("accepts-an-invalid-task-that-can-be-cancelled", "accepts-an-invalid-task", SOUND, 1),
    Case("charges-a-dry-run", "charges-a-dry-run", (*OVI[:1], "--stage", "dry-run", "--only", "plain"), 1),
    Case("echoes-the-key", "echoes-the-key", OVI, 0),
    Case("no-credits", "no-credits", OVI, 4),
    Case("no-credits-for-an-operation", "no-credits", SOUND, 4),
    Case("forbidden", "forbidden", SOUND, 4),
    Case("wrong-key", "", OVI, 4, key="another"),
    Case("wrong-key-for-an-operation", "", SOUND, 4, key="another"),
]  # fmt: skip


@dataclass
class Seen:
    """One run and what it left behind."""

    code: int
    out: str
    err: str
    service: Simulator
    folder: Path

    @property
    def files(self) -> dict[str, bytes]:
        """Every file that it wrote, by name."""
        found = (each for each in sorted(self.folder.rglob("*")) if each.is_file())
        return {each.relative_to(self.folder).as_posix(): each.read_bytes() for each in found}

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The lines of the journal."""
        text = self.files.get("preroll-contract.journal.jsonl", b"").decode()
        return [json.loads(line) for line in text.splitlines()]

    @property
    def recordings(self) -> dict[str, Any]:
        """The recordings by name."""
        return {name: json.loads(raw) for name, raw in self.files.items() if name.startswith("recordings/")}


def command(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command, in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["contract", *arguments, "--today", TODAY])
    return code, out.getvalue(), err.getvalue()


def live(service: Simulator) -> tuple[str, ...]:
    """The options that go live against a simulated service."""
    return ("--live", "--server", service.url, "--allow-host", urlsplit(service.url).netloc, "--rate", "1000")


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Runs the command against a service, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.setenv(name, KEY)

    def run(case: Case) -> Seen:
        today = date.fromisoformat(TODAY)
        with Simulator(case.view, case.switch, key=case.key, today=today, options=dict(case.options)) as service:
            code, out, err = command(*case.arguments, *live(service), "--record", "recordings")
        return Seen(code, out, err, service, tmp_path)

    return run


# --- what people read ---

SAMPLE = "3f2b8c1e-9a4d-4e6f-8b7a-5c0d1e2f3a4b"
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def told(seen: Seen) -> str:
    """A run as text: what is printed, what the service saw, what stays; ids, ports and times by their names."""
    lines = [seen.out.rstrip(), "", f"exit code {seen.code}"]
    if seen.err:
        lines += ["", "complaints:", seen.err.rstrip()]
    lines += ["", "the service saw:"]
    for each in seen.service.requests:
        assert each.reply is not None
        lines.append(f"  {each.method} {each.path}{' dry' if each.dry else ''} -> {each.reply.status}")
    lines.append(f"  started {len(seen.service.started)}, cancelled {len(seen.service.cancelled)}")
    lines += ["", "the journal:"]
    for event in seen.journal:
        facts = (f"{name}={event[name]}" for name in ("fault", "outcome", "status", "ids") if event.get(name))
        lines.append(f"  {event['event']}: {', '.join(facts)}")
    lines += ["", "the recordings:"]
    for name, recording in seen.recordings.items():
        answers = ", ".join(str(each["answer"]["status"]) for each in recording["exchanges"]) or "none"
        lines.append(f"  {name.removeprefix('recordings/')}: {answers}")
    text = "\n".join(lines) + "\n"
    names: dict[str, str] = {SAMPLE: SAMPLE}

    def named(match: re.Match[str]) -> str:
        return names.setdefault(match[0], f"<id {len(names)}>")

    text = UUID.sub(named, text)
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", text)


def wrapped_alike(text: str) -> str:
    """A text without its line breaks: an id of another length breaks lines elsewhere."""
    return re.sub(r"[ \n]+", " ", text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_run_is_told_as_in_its_snapshot(ask, case):
    seen = ask(case)
    text = told(seen)
    path = SNAPSHOTS / f"{case.id}.txt"
    if os.environ.get("PREROLL_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert seen.code == case.exit, text
    assert wrapped_alike(text) == wrapped_alike(path.read_text(encoding="utf-8"))
    manners(seen)


def manners(seen: Seen) -> None:
    """What holds for every run, whatever the service does."""
    sent = seen.service.requests
    # A key leaves this machine in one header only, and stays nowhere.
    hidden = [KEY, base64.b64encode(KEY.encode()).decode().rstrip("="), KEY[::-1]]
    whole = [seen.out.encode(), seen.err.encode(), *seen.files.values(), *(each.encode() for each in seen.files)]
    whole += [each.body for each in sent] + [each.path.encode() for each in sent]
    assert not [each for each in hidden for text in whole if each.encode() in text]
    # Nothing outside is called or written to.
    assert not [name for name in NEVER_SENT for each in sent if name.encode() in each.body]
    # One at a time.
    assert [each.beside for each in sent] == [0] * len(sent)
    # Every task has an identifier of its own, and it is written down before it is sent.
    used = [task["taskUUID"] for each in sent for task in each.tasks if isinstance(task, dict) and "taskUUID" in task]
    written = {name for event in seen.journal if event["event"] == "sending" for name in event["ids"]}
    ids = [name for name in used if isinstance(name, str) and UUID.fullmatch(name)]
    again = [each for each in sent if each.reply is not None and each.reply.status == 429]
    assert len(ids) - len(set(ids)) <= len(again)
    assert set(ids) <= written
    # What may have been accepted is not sent again.
    bodies = [
        each.body for each in sent if each.reply is not None and each.reply.status != 429 and each.method == "POST"
    ]
    assert len(bodies) == len(set(bodies))


def test_every_switch_has_a_run():
    assert {case.switch for case in CASES} == {"", *SWITCHES}


def test_every_snapshot_has_a_run():
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == {case.id for case in CASES}


# --- recordings ---


@pytest.mark.parametrize("case", [each for each in CASES if each.exit in (0, 1)], ids=lambda case: case.id)
def test_what_was_recorded_is_found_again_without_a_service(ask, case, tmp_path, monkeypatch, sockets):
    seen = ask(case)
    for name in VARIABLES:
        monkeypatch.delenv(name)
    del sockets[:]
    recorded = {each["key"] for name in seen.recordings.values() for each in name["exchanges"]}
    code, out, err = command(*case.arguments, "--replay", "recordings", "--format", "json")
    report = json.loads(out)
    answered = {each["key"] for each in report["requests"] if each["outcome"] in ("accepted", "refused")}
    assert (err, sockets) == ("", [])
    assert answered <= recorded
    again = {each["id"] for each in report["findings"]} - {"missing-recording", "not-asked"}
    first = set(re.findall(r"^\w+\[([\w-]+)\]", seen.out, re.MULTILINE)) - {"not-asked", "inconclusive"}
    assert first <= again
    assert code in (case.exit, 1)


# --- what is refused before anything is sent ---


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--live", "--server", "http://collector.example.net"), "not encrypted"),
        (("--live", "--server", "https://collector.example.net"), "--allow-host"),
        (("--live", "--mock", "--server", "https://collector.example.net"), "not a mock on this machine"),
        (("--live", "--mock", "--server", "https://api.runware.ai/v1"), "not a mock on this machine"),
        (("--live", "--server", "https://key:secret@api.runware.ai"), "must not carry"),
        (("--live", "--stage", "paid"), "--max-requests and --max-cost"),
        (("--live", "--stage", "paid", "--max-requests", "1"), "--max-cost"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_could_leak_or_cost_is_refused_before_a_socket_is_opened(
    arguments, complaint, tmp_path, monkeypatch, sockets
):
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.setenv(name, KEY)
    code, out, err = command(*OVI, *arguments)
    assert (code, out) == (2, "")
    assert complaint in wrapped_alike(err)
    assert KEY not in err
    assert "secret" not in err
    assert sockets == []


def test_going_live_needs_a_key(tmp_path, monkeypatch, sockets):
    monkeypatch.chdir(tmp_path)
    with Simulator() as service:
        code, out, err = command(*OVI, *live(service))
    assert (code, out) == (2, "")
    assert "RUNWARE_API_KEY" in err
    assert service.requests == []


def test_a_proxy_of_the_environment_is_not_used(ask, monkeypatch):
    """The requests arrive, and the guard of the sockets has not seen another host."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://collector.example.net:3128")
    assert ask(Case("proxied", "", SOUND, 0)).code == 0


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ((*OVI[:1], "--only", "seed/maximum", "--prose"), b'"seed": 9223372036854775808'),
        ((*OVI[:1], "--only", "teaCacheDistance/multipleOf"), b'"teaCacheDistance": 0.005'),
        (("runwayml/voice_isolation", "--only", "schema/oneOf/0/type"), b"null"),
    ],
    ids=["beyond 64 bits", "a fraction", "null"],
)
def test_what_is_planned_is_what_is_sent(ask, arguments, sent):
    """To the last digit; another body would break something else than the plan says."""
    seen = ask(Case("sent", "", arguments, 0))
    assert [each.body for each in seen.service.requests if sent in each.body]


def test_nobody_listens(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNWARE_API_KEY", KEY)
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        code, out, _ = command(*OVI, "--live", "--server", f"http://{host}", "--allow-host", host)
    assert code == 4
    assert "cannot be reached" in wrapped_alike(out)


# --- interrupted ---


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_an_interrupted_run_keeps_what_it_knows(tmp_path):
    """The journal names the request that may have been accepted, and the report is printed."""
    with Simulator(switch="slow", options={"seconds": 60}) as service:
        arguments = ["contract", *OVI, *live(service), "--today", TODAY]
        running = subprocess.Popen(
            [sys.executable, "-m", "preroll", *arguments],
            cwd=tmp_path,
            env={**os.environ, "RUNWARE_API_KEY": KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(600):
            if service.requests:
                break
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert service.requests, out + err
    journal = (tmp_path / "preroll-contract.journal.jsonl").read_text(encoding="utf-8")
    [task] = [task["taskUUID"] for each in service.requests for task in each.tasks]
    assert running.returncode == 130
    assert "Traceback" not in out + err
    assert "may have been accepted" in wrapped_alike(out)
    assert task in journal
    assert KEY not in out + err + journal
