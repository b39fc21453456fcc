"""
Recordings: conclusive answers of a service, stored for replays without network and key.

A file holds one target's exchanges in a stable order, for people to review. Requests hold no key and no fresh ids;
answers are redacted: secrets, accounts, and the query of every address, which is where signatures stand. Before a
file is written it is searched for what must not be in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preroll import __version__
from preroll.pointer import ABSENT
from preroll.redaction import REDACTED, SECRETS
from preroll_fuzz.contract.messages import Answered, Lost, Received, Request, written
from preroll_fuzz.contract.service import ContractError

if TYPE_CHECKING:
    from preroll_fuzz.contract.agenda import Agenda, Planned, Subject
    from preroll_fuzz.contract.wire import Secret

FORM = 1
"""The version of the files' form."""


CANCELLING = "-cancel"
"""What the key of a request that cancels a task ends with."""


class SecretLeft(ContractError):
    """A recording would hold a secret, so it was not written; says where, and not what."""


# Names in answers whose text is nobody's business, as whole words of the name.
_PRIVATE = re.compile(
    r"(?i)(?:^|[-_.])(?:authorization|api-?key|secrets?|tokens?|passwords?|cookies?|set-cookie|signatures?|sig"
    r"|credentials?|policy|security-token|session(?:-?id)?|key-pair-id|access-?key(?:-?id)?|e-?mail|account(?:-?id)?"
    r"|organi[sz]ation(?:-?id)?|user-?(?:id|name)|owner(?:-?id)?|customer(?:-?id)?|team-?id|workspace-?id)$"
)
_QUERY = re.compile(r"(?P<address>[a-z][a-z0-9+.-]*://[^\s\"'<>?#]*)\?(?P<query>[^\s\"'<>#]+)", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@", re.IGNORECASE)
_BEARER = re.compile(r"(?i)\b(?P<scheme>bearer|basic)\s+(?!<redacted>)[A-Za-z0-9._~+/=-]{8,}")
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")

_LEFT = (
    ("a bearer token", _BEARER),
    ("a signed token", _JWT),
    (
        "a signed address",
        re.compile(r"(?i)[?&](?:x-amz-[a-z-]+|signature|sig|token|policy|key-pair-id|expires)=(?!<r)"),
    ),
    ("a user in an address", re.compile(r"(?i)://[^\s/@\"'<>]+:[^\s/@\"'<>]+@")),
    (
        "a secret's text",
        re.compile(
            r'(?i)"(?:authorization|(?:x-)?api[-_]?key|secret|token|password|cookie)"\s*:\s*"(?!<redacted>)[^"]'
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded exchange: the request as planned, and what was answered."""

    key: str
    stage: str
    scenario: str
    fault: str | None
    request: Mapping[str, Any]
    answer: Answered

    def to_data(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "key": self.key,
            "stage": self.stage,
            "scenario": self.scenario,
            "fault": self.fault,
            "request": dict(self.request),
            "answer": self.answer.to_data(),
        }


def redacted(value: Any, names: frozenset[str]) -> Any:
    """An answer without secrets, accounts and queries of addresses."""
    if isinstance(value, str):
        text = _QUERY.sub(lambda found: f"{found['address']}?{REDACTED}", value)
        text = _USERINFO.sub(lambda found: f"{found['scheme']}{REDACTED}@", text)
        text = _BEARER.sub(lambda found: f"{found['scheme']} {REDACTED}", text)
        return _JWT.sub(REDACTED, text)
    if isinstance(value, dict):
        return {
            name: REDACTED
            if isinstance(inner, (str, int, float)) and not isinstance(inner, bool) and _is_private(str(name), names)
            else redacted(inner, names)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [redacted(each, names) for each in value]
    return value


def _is_private(name: str, names: frozenset[str]) -> bool:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name)
    return name.lower() in names or _PRIVATE.search(spaced) is not None


def secret_names(agenda: Agenda) -> frozenset[str]:
    """The names of members, in lower case, whose text is a secret whatever the vendor says of it."""
    members = (name for vendor in agenda.registry.vendors.values() for name in vendor.envelope.secrets)
    return frozenset((*SECRETS, *(name.lower() for name in members)))


def file_name(target: str) -> str:
    """The name of a target's file."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", target).strip("-.") + ".json"


@dataclass
class Recorder:
    """
    Collects exchanges and writes them.

    Args:
        folder: where the files go.
        agenda: what is asked.
        secrets: the keys that must not be in any file.
    """

    folder: Path
    agenda: Agenda
    secrets: tuple[Secret, ...] = ()
    _kept: dict[str, dict[str, Exchange]] = field(default_factory=dict)

    def add(self, subject: Subject, planned: Planned, got: Received, samples: Mapping[str, str]) -> None:
        """Keep a conclusive answer; fresh ids become the samples again that they stand for."""
        from preroll import source

        names = secret_names(self.agenda)
        body = got.body.decode("utf-8", "replace")
        for made, sample in samples.items():
            body = re.sub(re.escape(made), sample, body, flags=re.IGNORECASE)
        answer = Answered(
            got.status,
            redacted(source.read_json(body.encode(), "the answer"), names) if body else ABSENT,
            redacted(_type(got.headers), names),
        )
        service = subject.service
        headers = dict(service.headers)
        if planned.dry and service.facts.dry_run is not None:
            headers[service.facts.dry_run[0]] = service.facts.dry_run[1]
        request = {"method": service.method, "path": service.path, "headers": headers, "body": planned.payload}
        fault = None if planned.fault is None else str(planned.fault)
        made_ = Exchange(planned.key, planned.stage, planned.scenario, fault, request, answer)
        self._kept.setdefault(subject.target.name, {})[planned.key] = made_

    def add_cancelling(self, subject: Subject, planned: Planned, path: str, got: Received) -> None:
        """Keep what came of cancelling a task."""
        cancel = subject.service.cancel
        assert cancel is not None
        request = {"method": cancel.method, "path": path, "headers": dict(cancel.headers), "body": None}
        key = planned.key + CANCELLING
        made = Exchange(key, planned.stage, planned.scenario, None, request, Answered(got.status))
        self._kept.setdefault(subject.target.name, {})[key] = made

    def write(self) -> tuple[Path, ...]:
        """
        Write every file; what an earlier run recorded of the same document and is still asked stays.

        Raises:
            SecretLeft: a file would hold a secret; it and those after it are not written.
            ContractError: a file cannot be written.
        """
        paths = []
        for subject in self.agenda.subjects:
            kept = self._kept.get(subject.target.name)
            if not kept:
                continue
            path = self.folder / file_name(subject.target.name)
            order = {
                key: number for number, each in enumerate(subject.requests) for key in (each.key, each.key + CANCELLING)
            }
            earlier = read(path, subject) if path.is_file() else None
            if earlier is not None and earlier.sha256 == subject.sha256:
                kept = {**{key: each for key, each in earlier.exchanges.items() if key in order}, **kept}
            ordered = sorted(kept.values(), key=lambda each: order.get(each.key, len(order)))
            data = {
                "recording": FORM,
                "preroll": __version__,
                "target": subject.target.name,
                "document": {"label": subject.document, "sha256": subject.sha256},
                "exchanges": [each.to_data() for each in ordered],
            }
            text = written(data, ensure_ascii=False, indent=1) + "\n"
            scan(text, path.name, self.secrets)
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8", newline="\n")
            except OSError as problem:
                raise ContractError(f"{path} cannot be written: {problem.strerror}") from None
            paths.append(path)
        return tuple(paths)


def _type(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name == "content-type"}


def scan(text: str, name: str, secrets: Iterable[Secret]) -> None:
    """
    Search what is about to be written.

    Raises:
        SecretLeft: it holds a key, or something that looks like one.
    """
    for each in secrets:
        if any(spelt in text for spelt in each.spellings()):
            raise SecretLeft(f"{name} was not written: the key in {each.name} would stand in it")
    for what, pattern in _LEFT:
        found = pattern.search(text)
        if found is not None:
            line = text.count("\n", 0, found.start()) + 1
            raise SecretLeft(f"{name} was not written: line {line} would hold {what}")


@dataclass(frozen=True, slots=True)
class Recording:
    """One file: of which target and document, and the exchanges by key."""

    target: str
    sha256: str
    exchanges: Mapping[str, Exchange]


def read(path: Path, subject: Subject) -> Recording:
    """
    Read a file.

    Raises:
        ContractError: it is no recording of that target.
    """
    from preroll import source
    from preroll.unreadable import Unreadable

    try:
        data = source.read_json(source.read_file(path), str(path))
        if data["recording"] != FORM or data["target"] != subject.target.name:
            raise ContractError(f"{path} is no recording of {subject.target.name}")
        exchanges = {
            each["key"]: Exchange(
                each["key"], each["stage"], each["scenario"], each["fault"], each["request"], Answered(**each["answer"])
            )
            for each in data["exchanges"]
        }
        return Recording(data["target"], data["document"]["sha256"], exchanges)
    except (KeyError, TypeError, Unreadable):
        raise ContractError(f"{path} cannot be read as a recording") from None


class Replay:
    """
    A transport that answers from a target's recordings.

    Args:
        folder: where they are.
        subject: what is asked.

    Raises:
        ContractError: the file is there and cannot be used.
    """

    def __init__(self, folder: Path, subject: Subject) -> None:
        path = folder / file_name(subject.target.name)
        self.recording = read(path, subject) if path.is_file() else None
        self.file = path.name
        self.is_other = self.recording is not None and self.recording.sha256 != subject.sha256
        self._used: set[str] = set()

    def send(self, request: Request) -> Received | Lost:
        """See `Transport`."""
        known = self.recording.exchanges.get(request.key) if self.recording is not None and not self.is_other else None
        if known is None:
            return Lost("there is no recording of it", sent=False, missing=True)
        self._used.add(request.key)
        answer = known.answer
        body = b"" if answer.body is ABSENT else written(answer.body).encode()
        return Received(answer.status, dict(answer.headers), body)

    @property
    def unused(self) -> tuple[str, ...]:
        """The keys of recordings that nothing asked for."""
        every = self.recording.exchanges if self.recording is not None else {}
        return tuple(key for key in every if key not in self._used)
