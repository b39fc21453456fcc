"""
Journals: what was sent, written down before it is sent.

A journal is JSON Lines. An entry `sending` is on the disk before the first byte leaves; an entry `answered` follows.
A request whose entry has no answer may have been accepted: a later run tells of it and does not send it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from preroll_fuzz.contract.messages import written
from preroll_fuzz.contract.service import ContractError

if TYPE_CHECKING:
    from preroll_fuzz.contract.agenda import Planned
    from preroll_fuzz.contract.service import Service

SAFE = ("refused", "inconclusive", "not-sent")
"""Outcomes after which a request may be sent again: the service did not take it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    A request of an earlier run that may have been accepted, or was.

    Attributes:
        key: of the planned request.
        target, stage: where it belongs.
        ids: the ids that were sent with it, and those that were answered.
        outcome: `accepted`, or "" where nothing is known.
        time: when it was sent.
    """

    key: str
    target: str
    stage: str
    ids: tuple[str, ...]
    outcome: str
    time: str


class Journal:
    """
    The journal in a file; a new one begins where there is none.

    Args:
        path: the file.
        nonce: what tells this run's ids from other runs'; made up where it is not given.

    Raises:
        ContractError: the file cannot be used.
    """

    def __init__(self, path: str | Path, *, nonce: str = "") -> None:
        self.path = Path(path)
        self.nonce = nonce or uuid.uuid4().hex
        self._whole: int | None = None
        try:
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as problem:
            raise ContractError(f"the journal {self.path} cannot be written: {problem.strerror}") from None
        try:
            _lock(self._file, self.path)
            self.taken = MappingProxyType(self._read())
            if self._whole is not None:  # a run was killed while it wrote
                os.ftruncate(self._file, self._whole)
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def sending(self, planned: Planned, ids: tuple[str, ...], body: Any) -> None:
        """Write down that a request is sent now."""
        text = written(body, sort_keys=True, separators=(",", ":"))
        self._write(
            {
                "event": "sending",
                "key": planned.key,
                "target": planned.target,
                "stage": planned.stage,
                "fault": None if planned.fault is None else str(planned.fault),
                "ids": list(ids),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        )

    def answered(self, planned: Planned, outcome: str, status: int | None, ids: tuple[str, ...]) -> None:
        """Write down what came of it."""
        self._write({"event": "answered", "key": planned.key, "outcome": outcome, "status": status, "ids": list(ids)})

    def cancelled(self, planned: Planned, task: str, how: str) -> None:
        """Write down what came of cancelling a task."""
        self._write({"event": "cancelled", "key": planned.key, "ids": [task], "outcome": how})

    def _write(self, record: dict[str, Any]) -> None:
        record = {**record, "run": self.nonce, "time": datetime.now(UTC).isoformat(timespec="seconds")}
        line = json.dumps(record, ensure_ascii=True) + "\n"
        try:
            os.write(self._file, line.encode())
            os.fsync(self._file)
        except OSError as problem:
            raise ContractError(f"the journal {self.path} cannot be written: {problem.strerror}") from None

    def _read(self) -> dict[str, Entry]:
        """What earlier runs sent that may have been accepted, by key."""
        try:
            data = self.path.read_bytes()
        except OSError as problem:
            raise ContractError(f"the journal {self.path} cannot be read: {problem.strerror}") from None
        found: dict[str, Entry] = {}
        whole, _, torn = data.rpartition(b"\n")
        if torn:  # whatever it was, it was not on the disk when something was sent
            self._whole = len(data) - len(torn)
        for number, line in enumerate(whole.split(b"\n"), 1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                event, key = record["event"], record["key"]
                ids = tuple(map(str, record.get("ids", ())))
                if event == "sending":
                    found[key] = Entry(key, record["target"], record["stage"], ids, "", record["time"])
                elif event == "answered" and key in found:
                    if record["outcome"] in SAFE:
                        del found[key]
                    else:
                        found[key] = _answered(found[key], record["outcome"], ids)
            except (ValueError, KeyError, TypeError, RecursionError):
                raise ContractError(
                    f"the journal {self.path} cannot be read: line {number} is none of ours; without it nobody knows "
                    "what may have been accepted, so nothing is sent"
                ) from None
        return found


def _lock(file: int, path: Path) -> None:
    """Keep the journal from a second run at the same time, where the system can."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ContractError(f"the journal {path} is in use by another run") from None


def _answered(entry: Entry, outcome: str, ids: tuple[str, ...]) -> Entry:
    every = tuple(dict.fromkeys((*entry.ids, *ids)))
    return Entry(entry.key, entry.target, entry.stage, every, outcome if outcome == "accepted" else "", entry.time)


_UUID = re.compile(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")


def fresh(planned: Planned, service: Service, seed: int, nonce: str) -> tuple[Any, Mapping[str, str]]:
    """
    A planned payload with fresh ids in place of its samples, and the sample of each fresh id.

    The ids follow from seed, nonce and request, so that a journal that holds the nonce tells them all. An id that
    is itself at fault stays as it is.
    """
    chance = random.Random(f"{seed}:{nonce}:{planned.key}")  # noqa: S311  # ids that can be told again, no secret
    made: dict[str, str] = {}

    def one(text: str) -> str:
        known = made.get(text.lower())
        if known is None:
            known = made[text.lower()] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        return known.upper() if text.isupper() else known

    def renewed(task: Any, at: str) -> Any:
        if not isinstance(task, dict):
            return task
        names = service.facts.client_ids
        return {
            name: one(value)
            if name in names
            and isinstance(value, str)
            and _UUID.match(value)
            and (planned.pointer != f"{at}/{name}" or len(tasks) > 1)
            else value
            for name, value in task.items()
        }

    payload = planned.payload
    tasks = payload if isinstance(payload, list) else [payload]
    if isinstance(payload, list):
        body: Any = [renewed(each, f"/{index}") for index, each in enumerate(payload)]
    else:
        body = renewed(payload, "")
    return body, MappingProxyType({made_: sample for sample, made_ in made.items()})
