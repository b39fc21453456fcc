"""
No test of the contract checks reaches beyond this machine.

Every socket that Python opens or connects tells an audit hook first (PEP 578), whichever library asks for it. The hook
stays for the whole process, as hooks do, and speaks up only while one of these tests runs.
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterator
from typing import Any

import pytest


class Reached(AssertionError):
    """A test reached for something beyond this machine."""


class Watch:
    """
    What the audit hook has seen.

    Attributes:
        awake: whether it looks.
        events: names of the events, with the host where there is one.
    """

    def __init__(self) -> None:
        self.awake = False
        self.events: list[tuple[str, str]] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.awake or not event.startswith("socket."):
            return
        host = host_of(event, arguments)
        self.events.append((event, host))
        if host and not is_loopback(host):
            raise Reached(f"{event} of {host}")


# Where each event names the host: the place in its arguments (docs.python.org/3/library/audit_events.html).
NAMED = {
    "socket.connect": 1,
    "socket.bind": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
    "socket.gethostbyaddr": 0,
    "socket.getnameinfo": 0,
}


def host_of(event: str, arguments: tuple[Any, ...]) -> str:
    """The host that an event is about, or ""."""
    if event not in NAMED:
        return ""
    named = arguments[NAMED[event]]
    if isinstance(named, tuple):
        named = named[0]
    return named.decode() if isinstance(named, bytes) else str(named or "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, or a path in its file system."""
    if host in ("localhost", "") or host.startswith(("/", "\0")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


WATCH = Watch()
sys.addaudithook(WATCH)


@pytest.fixture(autouse=True)
def sockets() -> Iterator[list[tuple[str, str]]]:
    """The sockets of this test, as they are opened; any that leads elsewhere fails it."""
    WATCH.events = []
    WATCH.awake = True
    yield WATCH.events
    WATCH.awake = False


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch) -> None:
    """No proxy and no key of the person who runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("RUNWARE_API_KEY", "RUNWAYML_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
