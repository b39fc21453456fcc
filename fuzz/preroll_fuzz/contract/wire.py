"""
The wire: requests over HTTP, one at a time, to one server and nowhere else.

No redirect is followed, no proxy and no other setting of the environment is heeded, no connection is used twice (a
stale one could not be told from a lost answer), and no answer is read beyond a limit. What a service sends back is
cleared of the key before anybody sees it.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from preroll import __version__
from preroll.pointer import ABSENT
from preroll_fuzz.contract.messages import Lost, Received, Request, written
from preroll_fuzz.contract.service import ContractError, address

if TYPE_CHECKING:
    import httpx

INSTALL = "pip install 'preroll[contract]'"
"""What makes it work."""

LARGEST = 4 * 1024 * 1024
"""Bytes of an answer that are read."""

ATTEMPTS = 4
"""How often a request is sent that was answered 429, which says that it was not accepted."""

LONGEST_WAIT = 120.0
"""Seconds that are waited because a service asks for it; who asks for more is not asked again in this run."""

KEPT = ("content-type", "retry-after", "location")
"""The headers of an answer that matter."""

REDACTED = b"<redacted>"


class Secret:
    """
    A key; its text is in no representation of it.

    Args:
        text: the key.
        name: the environment variable that it came from.

    Raises:
        ContractError: it cannot be sent in a header.
    """

    __slots__ = ("_text", "name")

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._text = text.strip()
        if len(self._text) < 4 or not all("!" <= each <= "~" for each in self._text):
            raise ContractError(f"{name} holds no key that can be sent: it must be plain text without spaces")

    def __repr__(self) -> str:
        return f"<the key in {self.name}>"

    def reveal(self) -> str:
        """The text, for the one header that carries it."""
        return self._text

    def spellings(self) -> tuple[str, ...]:
        """The ways in which a service could write it."""
        plain = self._text
        written = {plain, json.dumps(plain)[1:-1], json.dumps(plain)[1:-1].replace("/", "\\/"), quote(plain, safe="")}
        written |= {base64.b64encode(plain.encode()).decode(), base64.b64encode(plain.encode()).decode().rstrip("=")}
        return tuple(sorted(written, key=len, reverse=True))

    def cleared(self, body: bytes) -> bytes:
        """Bytes without the key."""
        for each in self.spellings():
            body = body.replace(each.encode(), REDACTED)
        return body


class Pace:
    """
    When the next request may be sent.

    Args:
        rate: requests a second; None for no limit.
        clock, sleep: of tests.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._clock, self._sleep = clock, sleep
        self._next = clock()

    def turn(self) -> None:
        """Wait for the next request's turn."""
        now = self._clock()
        if self._next > now:
            self._sleep(self._next - now)
        self._next = max(self._next, now) + self._gap

    def hold(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._next = max(self._next, self._clock() + seconds)

    def now(self) -> float:
        """The time on the same clock."""
        return self._clock()


class Wire:
    """
    The network.

    Args:
        server: where requests go: scheme, host, port, and a path that stands before every operation's.
        header, prefix: the header of the key and what stands before it.
        key: the key; None sends `placeholder` in its place.
        pace: when requests are sent.
        timeout: seconds that one request may take, whole.
        placeholder: what a mock is given for a key.
    """

    def __init__(
        self,
        server: str,
        *,
        header: str,
        prefix: str,
        key: Secret | None,
        pace: Pace,
        timeout: float,
        placeholder: str = "a-mock-needs-no-key",
    ) -> None:
        self.server, self._header, self._prefix, self._key = server, header, prefix, key
        self._pace, self._timeout, self._placeholder = pace, timeout, placeholder
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        self._client = _client(self._timeout)
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def send(self, request: Request) -> Received | Lost:
        """See `Transport`. A 429 is repeated after the time that it asks for; nothing else ever is."""
        waited: list[float] = []
        while True:
            self._pace.turn()
            found = self._once(request)
            if isinstance(found, Lost):
                return replace(found, reason=found.reason + _after(waited))
            asked = retry_after(found.headers, datetime.now(UTC))
            if found.status == 503 and asked is not None:  # not repeated: it may have been accepted
                self._pace.hold(min(asked, LONGEST_WAIT))
            if found.status != 429 or len(waited) == ATTEMPTS - 1:
                return replace(found, waited=_after(waited))
            seconds = float(2 ** len(waited)) if asked is None else asked
            if seconds > LONGEST_WAIT:
                told = f"; it asks to wait {seconds:.0f} s, which is too long for this run"
                return replace(found, waited=told + _after(waited))
            waited.append(seconds)
            self._pace.hold(seconds)

    def _once(self, request: Request) -> Received | Lost:
        import httpx

        assert self._client is not None
        self._client.cookies.clear()  # no request tells of another
        body = None
        headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": f"preroll/{__version__}"}
        headers |= dict(request.headers)
        if request.body is not ABSENT:
            body = written(request.body, ensure_ascii=False).encode("utf-8", "surrogatepass")
            headers["content-type"] = "application/json"
        headers[self._header] = self._prefix + (self._key.reveal() if self._key else self._placeholder)
        until = self._pace.now() + self._timeout
        began = False
        try:
            with self._client.stream(
                request.method, address(self.server, request.path), content=body, headers=headers
            ) as answer:
                began = True
                return self._read(answer, until)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as problem:
            return Lost(f"{_host(self.server)} cannot be reached ({type(problem).__name__})", sent=False)
        except httpx.TimeoutException:
            return Lost(f"no {'whole ' if began else ''}answer within {self._timeout:g} s")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as problem:
            when = "in the middle of the answer" if began else "before it answered"
            return Lost(f"the connection broke {when} ({type(problem).__name__})")

    def _read(self, answer: httpx.Response, until: float) -> Received | Lost:
        parts, size, too_large = [], 0, False
        for part in answer.iter_raw():
            if self._pace.now() > until:
                return Lost(f"no whole answer within {self._timeout:g} s")
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                too_large = True
                break
        headers = {name: answer.headers[name] for name in KEPT if name in answer.headers}
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            headers["content-type"] = "in an encoding that was not asked for"
        if "location" in headers:
            headers["location"] = _host(headers["location"]) or "another place of the same server"
        body = b"" if too_large else b"".join(parts)  # cut off it is no JSON, and could end in half a key
        if self._key is not None:
            body = self._key.cleared(body)
            cleared = {name: self._key.cleared(value.encode()).decode() for name, value in headers.items()}
            headers = {name: value[:200] for name, value in cleared.items()}
        return Received(answer.status_code, headers, body, too_large)


def _client(timeout: float) -> httpx.Client:
    try:
        import httpx
    except ImportError:
        raise ContractError(f"going live needs the group contract: {INSTALL}") from None
    return httpx.Client(
        timeout=httpx.Timeout(timeout),
        trust_env=False,  # a proxy would be another host, and .netrc another key
        follow_redirects=False,
        limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
    )


def _after(waited: list[float]) -> str:
    if not waited:
        return ""
    return f"; waited {sum(waited):g} s in all because it answered 429 {_times(len(waited))}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _host(url: str) -> str:
    try:
        host, port = urlsplit(url).hostname or "", urlsplit(url).port
    except ValueError:
        return "an address that cannot be read"
    return f"{host}:{port}" if port else host


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that `Retry-After` asks for, as a number or as a date; None where it asks for nothing."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isdecimal() and text.isascii():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max((when - now).total_seconds(), 0.0)


def secret_in(environment: Mapping[str, str], name: str) -> Secret:
    """
    The key in an environment variable.

    Raises:
        ContractError: there is none.
    """
    text = environment.get(name, "")
    if not text.strip():
        raise ContractError(f"going live needs a key: set the environment variable {name} (--key-env names another)")
    return Secret(text, name)


def cleared(value: Any, secrets: Iterable[Secret]) -> Any:
    """Plain data or a text without any of the keys."""
    if isinstance(value, str):
        for each in secrets:
            value = each.cleared(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
        return value
    if isinstance(value, dict):
        return {cleared(name, secrets): cleared(each, secrets) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [cleared(each, secrets) for each in value]
    return value
