"""
Reading a service's answer, whatever it is: bytes, text or parsed JSON, in any of the known formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from preroll.pointer import ABSENT
from preroll.refusals import formats, grounds, masking, placing
from preroll.refusals.answer import ACCEPTED, INCONCLUSIVE, NEVER, REFUSED, UNKNOWN, UNREAD, Answer, Complaint
from preroll.refusals.draft import Draft, Reading
from preroll.refusals.grounds import Ground
from preroll.refusals.placing import Homes, Places

MAX_DEPTH: Final = 100
"""Answers with more arrays and objects inside one another than this are shown, and not read."""

MAX_SIZE: Final = 2 * 2**20
"""Answers of more bytes or characters than this are no refusals: their beginning is shown, and nothing is read."""

MAX_SHOWN: Final = 2**16
"""How much of such an answer is shown."""

_EXCHANGE: Final = frozenset(
    (
        "status",
        "statuscode",
        "status_code",
        "statustext",
        "reason",
        "headers",
        "body",
        "url",
        "method",
        "ok",
        "json",
        "text",
    )
)
"""Members of a saved HTTP exchange, in lower case."""


def read(
    body: Any,
    *,
    vendor: str | None = None,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
    payload: Any = ABSENT,
    homes: Homes | None = None,
) -> Answer:
    """
    What a service's answer comes to; never raises, whatever the bytes are.

    Args:
        body: the answer's body as bytes, text or parsed JSON, or a saved exchange `{status, headers, body}`.
        vendor: whose answer it is, where that is known; its format is tried first.
        status: the HTTP status, where it is known.
        headers: the HTTP headers; `Retry-After` is read.
        payload: what was sent, as the user gave it; places are found in it, and its secrets are hidden.
        homes: tells for a task's place and a name in which of its objects the document knows that name.
    """
    found, told = _parsed(body)
    if _is_exchange(found):
        status, headers, found, told = _unpacked(found, status, headers)
    if told and _deeper(found, MAX_DEPTH):
        found, told = _clipped(found, MAX_DEPTH), False
    payload = ABSENT if payload is not ABSENT and _deeper(payload, 10 * MAX_DEPTH) else payload
    # Before anything is read: what is hidden here can be in no complaint, no place and no fact.
    found = masking.masked(found, masking.secrets_in(payload if payload is not ABSENT else None, found))
    reader, reading = (
        _reading(found, vendor) if told else ("", Reading(unread=(found,) if found not in (b"", "") else ()))
    )
    status = status if status is not None else reading.status
    answer = _answer(reading, status, Places(payload, reading, homes), found)
    return replace(
        answer,
        after=_after(headers),
        status=status,
        reader=reader,
        taken=reading.taken,
    )


def _parsed(body: Any) -> tuple[Any, bool]:
    """The JSON of an answer, and whether it is JSON; other bytes as text, with those that are none escaped."""
    if isinstance(body, memoryview):
        body = body.tobytes()
    size = len(body) if isinstance(body, (bytes, bytearray, str)) else 0
    if size > MAX_SIZE:
        body = body[:MAX_SHOWN]
    if isinstance(body, (bytes, bytearray)):
        raw = bytes(body)
        for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
            if raw.startswith(mark):
                body = raw.decode(encoding, "backslashreplace")
                break
        else:
            body = raw.decode("utf-8", "backslashreplace")
    if size > MAX_SIZE:
        limit = f"{MAX_SIZE // 2**20} MiB"
        return f"{body}... ({size:,} in all; answers of more than {limit} are not read)", False
    if isinstance(body, str):
        if body.startswith("HTTP/"):
            return _of_text(body), True
        try:
            return json.loads(body), True
        except (ValueError, RecursionError):
            return body, False
    return _plain(body), True


def _of_text(message: str) -> dict[str, Any]:
    """An HTTP message as `curl -i` prints it, as an exchange; of several answers in a row, the last one."""
    head, _, body = message.replace("\r\n", "\n").partition("\n\n")
    if body.startswith("HTTP/"):
        return _of_text(body) if message.count("HTTP/") < 100 else {"body": body}
    first, *lines = head.split("\n")
    fields = [line.partition(":") for line in lines]
    status = [*first.split(), "", ""][1]
    return {"status": status, "headers": {name.strip(): value.strip() for name, _, value in fields}, "body": body}


def _plain(value: Any) -> Any:
    """A parsed answer as JSON has it: names are texts, and what JSON does not have is its text."""
    if value is ABSENT:
        return None
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (dict, list, tuple)) and _deeper(value, 10 * MAX_DEPTH):
        return _clipped(value, MAX_DEPTH)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "backslashreplace")
    return str(value)


def _deeper(value: Any, limit: int) -> bool:
    """Whether arrays and objects stand inside one another more often than a limit."""
    level = [value]
    for _ in range(limit):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, Mapping):
                inner += [one for one in each.values() if isinstance(one, (Mapping, list, tuple))]
            elif isinstance(each, (list, tuple)):
                inner += [one for one in each if isinstance(one, (Mapping, list, tuple))]
        if not inner:
            return False
        level = inner
    return True


def _clipped(value: Any, depth: int) -> Any:
    """A copy in which what stands deeper is told as an ellipsis."""
    if isinstance(value, Mapping):
        return {str(key): _clipped(each, depth - 1) for key, each in value.items()} if depth else "..."
    if isinstance(value, (list, tuple)):
        return [_clipped(each, depth - 1) for each in value] if depth else "..."
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _is_exchange(value: Any) -> bool:
    """Whether an object is a saved HTTP exchange: a body, and a status or headers beside it."""
    if not isinstance(value, dict) or not ({"body", "json", "text"} & value.keys()):
        return False
    if not {each.lower() for each in value} <= _EXCHANGE:
        return False
    return isinstance(value.get("headers"), dict) or any(_status(value.get(each)) for each in _STATUSES)


_STATUSES: Final = ("status", "status_code", "statusCode", "statuscode")


def _status(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:
        value = int(value)
    known = isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 600
    return value if known else None


def _unpacked(
    exchange: dict[str, Any], status: int | None, headers: Mapping[str, str] | None
) -> tuple[int | None, Mapping[str, str] | None, Any, bool]:
    body = next(exchange[each] for each in ("body", "json", "text") if each in exchange)
    told = True
    if isinstance(body, str):
        body, told = _parsed(body)
    if status is None:
        status = next((found for each in _STATUSES if (found := _status(exchange.get(each))) is not None), None)
    if headers is None and isinstance(exchange.get("headers"), dict):
        headers = {str(name): str(value) for name, value in exchange["headers"].items()}
    return status, headers, body, told


def _after(headers: Mapping[str, str] | None) -> float | None:
    """Seconds to wait, by `Retry-After` (RFC 9110, section 10.2.3); a date counts from now on."""
    found = next(
        (str(each) for name, each in (headers or {}).items() if str(name).lower() == "retry-after"), ""
    ).strip()
    if not found:
        return None
    try:
        seconds = float(found)
    except ValueError:
        from datetime import UTC, datetime  # only dates need it
        from email.utils import parsedate_to_datetime

        try:
            seconds = (parsedate_to_datetime(found).astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if abs(seconds) < 10**9 else None  # neither endless nor no number


def _reading(body: Any, vendor: str | None) -> tuple[str, Reading]:
    """What the first reader that understands something of a body finds in it."""
    first: tuple[str, Reading] | None = None
    for reader in formats.fitting(body, vendor):
        found = reader.read(body)
        if found.drafts or found.accepted:
            return reader.NAME, found
        first = first or (reader.NAME, found)
    if first is not None:
        return first
    return "", Reading(unread=(body,) if body not in (None, "", [], {}) else ())


def _answer(reading: Reading, status: int | None, places: Places, body: Any) -> Answer:
    complaints: list[Complaint] = []
    given: list[Ground] = []
    plain: list[Complaint] = []
    unread = list(reading.unread)
    by_status = grounds.by_status(status)
    for draft in reading.drafts:
        complaint = placing.complaint(draft, places)
        ground = draft.ground or _ground(draft, complaint, status)
        if ground is None and draft.loose and not complaint.pointers and not _telling(complaint):
            unread.append(draft.raw if draft.raw is not None else draft.message)
            continue
        complaints.append(complaint)
        if ground is not None:
            given.append(ground)
        else:
            plain.append(complaint)
    if by_status is not None and not by_status.refuses:
        spoken = next((each for each in given if not each.refuses and each.retry == by_status.retry), by_status)
        return Answer(INCONCLUSIVE, spoken.reason, by_status.retry, tuple(complaints), tuple(unread))
    refusing = [each for each in given if each.refuses]
    if by_status is not None and not complaints:
        return Answer(REFUSED, by_status.reason, by_status.retry, (), tuple(unread))
    if plain or refusing:
        reason = "" if plain else refusing[0].reason
        sure = any(status is not None or each.pointers or each.kind for each in plain)
        retry = NEVER if sure or any(each.retry == NEVER for each in refusing) else UNKNOWN
        return Answer(REFUSED, reason, retry, tuple(complaints), tuple(unread))
    if given:
        worst = min(given, key=lambda each: each.retry != "after-change")
        return Answer(INCONCLUSIVE, worst.reason, worst.retry, tuple(complaints), tuple(unread))
    if not unread and (reading.accepted or _good(status)):
        return Answer(ACCEPTED)
    if _good(status) and not reading.drafts:
        return Answer(ACCEPTED)
    return Answer(UNREAD, "", UNKNOWN, (), tuple(unread) if unread else _whole(body))


def _whole(body: Any) -> tuple[Any, ...]:
    return () if body in (None, "", b"") else (body,)


def _good(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _telling(complaint: Complaint) -> bool:
    """Whether a sentence without a place says something that is known all the same."""
    return complaint.kind not in ("", "type") and bool(complaint.facts.keys() - {"documentation"})


def _ground(draft: Draft, complaint: Complaint, status: int | None) -> Ground | None:
    """Why, by the code, or by the sentence of a complaint that has no place."""
    named = (*draft.names, *(str(path[-1]) for path in draft.paths if path))
    if any(each.lower() in masking.NAMES for each in named):
        return grounds.KEY
    found = grounds.by_code(draft.code)
    if found is None and not named:
        found = grounds.by_plain_words(draft.message)
        if found is not None:
            return found
    if found is not None:
        return None if complaint.pointers and complaint.kind and not found.refuses else found
    if complaint.pointers:
        return grounds.FETCH if grounds.fetching(draft.message) else None
    return grounds.by_sentence(draft.message, status)
