"""
Grounds for which a service answers with an error: some say nothing of the payload.

Told by the HTTP status (RFC 9110), by the words in a code, or by those of a sentence without any place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from preroll.refusals.answer import AFTER_CHANGE, LATER, NEVER, UNKNOWN


@dataclass(frozen=True, slots=True)
class Ground:
    """
    Why a service did not do what was asked.

    Attributes:
        reason: for people, as a short phrase.
        retry: whether the same payload can be taken later (see `preroll.refusals.answer.RETRIES`).
        refuses: whether the payload is at fault all the same (its content was moderated, a file was not found).
    """

    reason: str
    retry: str
    refuses: bool = False


KEY: Final = Ground("the key is not accepted", AFTER_CHANGE)
CREDITS: Final = Ground("no credits", AFTER_CHANGE)
HEADER: Final = Ground("a header of the request is not right", AFTER_CHANGE)
VERSION: Final = Ground("the version header is not valid", AFTER_CHANGE)
ADDRESS: Final = Ground("there is nothing at this address", AFTER_CHANGE)
METHOD: Final = Ground("the method does not fit the address", AFTER_CHANGE)
REDIRECT: Final = Ground("a redirect", AFTER_CHANGE)
RATE: Final = Ground("too many requests", LATER)
LIMIT: Final = Ground("a limit of the account is reached", LATER)
TIME: Final = Ground("a time-out", LATER)
SERVER: Final = Ground("a fault of the service", LATER)
CONFLICT: Final = Ground("a conflict with another request", UNKNOWN)
MODERATED: Final = Ground("the content was moderated", NEVER, refuses=True)
ASSET: Final = Ground("an asset cannot be used", NEVER, refuses=True)
FETCH: Final = Ground("an asset could not be fetched", UNKNOWN, refuses=True)
TOO_LARGE: Final = Ground("the request is too large", NEVER, refuses=True)

_STATUS: Final = {
    401: KEY,
    402: CREDITS,
    403: KEY,
    404: ADDRESS,
    405: METHOD,
    406: HEADER,
    407: KEY,
    408: TIME,
    409: CONFLICT,
    410: ADDRESS,
    412: HEADER,
    413: TOO_LARGE,
    415: HEADER,
    425: RATE,
    426: HEADER,
    429: RATE,
    431: HEADER,
}


def by_status(status: int | None) -> Ground | None:
    """The ground that an HTTP status alone gives; None where the body has to tell."""
    if status is None:
        return None
    if status >= 500:
        return TIME if status == 504 else SERVER
    if 300 <= status < 400:
        return REDIRECT
    return _STATUS.get(status)


_CODES: Final = tuple(
    (frozenset(words.split()), ground)
    for words, ground in (
        ("insufficient credits", CREDITS),
        ("insufficient credit", CREDITS),
        ("insufficient balance", CREDITS),
        ("insufficient funds", CREDITS),
        ("not enough credits", CREDITS),
        ("out credits", CREDITS),
        ("payment required", CREDITS),
        ("no credits", CREDITS),
        ("api key", KEY),
        ("apikey", KEY),
        ("unauthorized", KEY),
        ("unauthorised", KEY),
        ("unauthenticated", KEY),
        ("forbidden", KEY),
        ("permission denied", KEY),
        ("invalid token", KEY),
        ("invalid credentials", KEY),
        ("authentication failed", KEY),
        ("authentication error", KEY),
        ("rate limit", RATE),
        ("rate limited", RATE),
        ("ratelimit", RATE),
        ("too many requests", RATE),
        ("throttled", RATE),
        ("throttling", RATE),
        ("concurrency", LIMIT),
        ("concurrent", LIMIT),
        ("daily limit", LIMIT),
        ("quota", LIMIT),
        ("timeout", TIME),
        ("timed out", TIME),
        ("internal", SERVER),
        ("server error", SERVER),
        ("unavailable", SERVER),
        ("overloaded", SERVER),
        ("maintenance", SERVER),
        ("provider error", SERVER),
        ("inference error", SERVER),
        ("moderation", MODERATED),
        ("moderated", MODERATED),
        ("nsfw", MODERATED),
        ("safety", MODERATED),
        ("content policy", MODERATED),
        ("content violation", MODERATED),
        ("invalid provider content", MODERATED),
        ("sensitive content", MODERATED),
    )
)


def words_of(code: str) -> tuple[str, ...]:
    """The words of a code in any spelling: `insufficientCredits`, `RATE_LIMIT.HARD`, `not-found`."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", code[:200])
    return tuple(each.lower() for each in re.split(r"[^A-Za-z0-9]+", spaced) if each)


def by_code(code: str) -> Ground | None:
    """The ground that a code names."""
    words = frozenset(words_of(code))
    return next((ground for needed, ground in _CODES if needed <= words), None)


_SENTENCES: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), ground)
    for pattern, ground in (
        (
            (
                r"\b(?:not (?:have )?enough|insufficient|out of|ran out of|no (?:more|remaining)?)\s*(?:\w+ ){0,2}?"
                r"(?:credits?|balance|funds)\b|\bpayment required\b|\bcredit balance\b"
            ),
            CREDITS,
        ),
        (
            r"\bversion\b.{0,80}\bheader\b|\bheader\b.{0,80}\bversion\b",
            VERSION,
        ),
        (
            r"\bheaders?\b.{0,80}\b(?:missing|required|invalid|not valid)\b|\b(?:missing|invalid)\b.{0,80}\bheader\b",
            HEADER,
        ),
        (
            (
                r"\b(?:daily|monthly|weekly|hourly|generation|concurren\w+|task|request|usage|account|quota)\b.{0,60}"
                r"\b(?:limit|quota|cap)\b|\blimit\b.{0,40}\b(?:reached|exceeded)\b|\bquota\b|\bconcurren(?:cy|t)\b"
            ),
            LIMIT,
        ),
        (r"\brate[- ]?limit|\btoo many requests\b|\bthrottl|\bslow down\b", RATE),
        (
            (
                r"\bapi[ _-]?(?:key|secret|token)\b|\b(?:bearer|access|auth(?:entication|orization)?) token\b"
                r"|\bcredentials\b"
                r"|\bunauthori[sz]ed\b|\bnot authenticated\b|\bauthentication (?:failed|required|error)\b"
                r"|\bforbidden\b"
                r"|\baccess denied\b|\bpermissions? (?:denied|to)\b"
            ),
            KEY,
        ),
        (
            (
                r"\bmoderat|\bcontent (?:policy|filter|guidelines)\b|\bnsfw\b|\bsafety (?:filter|system|check)"
                r"|\binappropriate\b"
                r"|\bsensitive content\b|\bpolicy violation\b"
            ),
            MODERATED,
        ),
    )
)
_PLAIN: Final = (CREDITS, VERSION, RATE)
_OF_A_SERVER: Final = re.compile(
    r"\binternal (?:server )?error\b|\bsomething went wrong\b|\bunexpected error\b|\btemporar\w+ unavailable\b"
    r"|\bservice unavailable\b|\btimed? ?out\b|\boverloaded\b|\bmaintenance\b|\bbad gateway\b|\btry again\b"
    r"|\bat capacity\b",
    re.IGNORECASE,
)
_OF_FETCHING: Final = re.compile(
    r"\b(?:failed to|could not|couldn't|cannot|unable to|error while|timeout while|while)\s+"
    r"(?:fetch|fetching|download|downloading|load|loading|access|accessing|retrieve|retrieving)\b",
    re.IGNORECASE,
)


def by_sentence(sentence: str, status: int | None = None) -> Ground | None:
    """The ground that a sentence gives; only for one that names no place in the payload."""
    text = sentence[:2000]
    if _OF_FETCHING.search(text):
        return FETCH
    found = next((ground for pattern, ground in _SENTENCES if pattern.search(text)), None)
    if found is None and (status is None or status >= 500) and _OF_A_SERVER.search(text):
        return SERVER  # a service that means itself does not call the request bad
    return found


def by_plain_words(sentence: str) -> Ground | None:
    """Credits, a version, a rate: what a sentence says so plainly that no name in it makes it a complaint."""
    text = sentence[:2000]
    return next((ground for pattern, ground in _SENTENCES if ground in _PLAIN and pattern.search(text)), None)


def fetching(sentence: str) -> bool:
    """Whether a sentence complains that something at an address in the payload could not be fetched."""
    return _OF_FETCHING.search(sentence[:2000]) is not None
