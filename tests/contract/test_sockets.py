"""
The guard of the sockets fires, whoever asks for them; and planning and replaying open none.
"""

from __future__ import annotations

import socket
import urllib.request
from urllib.parse import urlsplit

import httpx
import pytest
from tests.contract.conftest import Reached
from tests.contract.simulator import KEY, Simulator
from tests.contract.test_switches import SOUND, command, live

ELSEWHERE = "192.0.2.1"  # RFC 5737: documentation only, nobody is there


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection((ELSEWHERE, 80), timeout=1),
        lambda: socket.create_connection(("service.example.com", 443), timeout=1),
        lambda: socket.getaddrinfo("service.example.com", 443),
        lambda: socket.gethostbyname("service.example.com"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", (ELSEWHERE, 53)),
        lambda: socket.socket().connect_ex((ELSEWHERE, 80)),
        lambda: urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=1),
        lambda: httpx.get(f"http://{ELSEWHERE}/", timeout=1),
        lambda: httpx.get("https://service.example.com/", timeout=1),
    ],
    ids=["connect", "connect-name", "resolve", "resolve-old", "send", "connect-ex", "urllib", "httpx", "httpx-name"],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # what is stopped on its way is not closed
def test_the_guard_stops_what_reaches_beyond_this_machine(reach):
    with pytest.raises(Reached):
        reach()


def test_the_guard_lets_this_machine_talk_to_itself(sockets):
    with Simulator(key=None) as service:
        answer = httpx.post(f"{service.url}/v1", json=[], trust_env=False)
    assert answer.status_code == 200
    assert ("socket.connect", "127.0.0.1") in sockets


@pytest.mark.parametrize("stage", ["free", "paid"])
def test_a_plan_opens_no_socket(stage, tmp_path, monkeypatch, sockets):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)  # it is there, and nothing was asked for
    code, out, err = command(*SOUND, "--stage", stage)
    assert (code, err, sockets) == (0, "", [])
    assert "nothing was sent" in out
    assert list(tmp_path.iterdir()) == []


def test_a_replay_opens_no_socket(tmp_path, monkeypatch, sockets):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)
    with Simulator() as service:
        code, _, _ = command(*SOUND, *live(service), "--record", "recordings")
    assert (code, bool(sockets)) == (0, True)
    monkeypatch.delenv("RUNWAYML_API_SECRET")
    del sockets[:]
    code, _, err = command(*SOUND, "--replay", "recordings")
    assert (code, err, sockets) == (0, "", [])


def test_only_the_service_is_contacted(tmp_path, monkeypatch, sockets):
    """Every connection of a live run goes to the one address that was allowed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNWAYML_API_SECRET", KEY)
    with Simulator(switch="redirects") as service:
        command(*SOUND, *live(service))
        host = urlsplit(service.url).hostname
    assert {each for event, each in sockets if event in ("socket.connect", "socket.getaddrinfo")} == {host}
