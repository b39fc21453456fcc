"""
Disagreements: the kinds of finding that a contract check knows; `preroll_fuzz.contract` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

ERROR, WARNING, NOTE = "error", "warning", "note"
LEVELS = (ERROR, WARNING, NOTE)


class Kind(NamedTuple):
    """
    A kind of finding.

    Attributes:
        level: `error`, `warning` or `note`.
        title: what it is, in a few words.
        why: what follows from it.
        instead: what to do.
        inconclusive: whether it only says that nothing was found out.
    """

    level: str
    title: str
    why: str
    instead: str
    inconclusive: bool = False


_RUNS = "It may have been run, and may have cost money: the check stops."
_REFUSED = "Whoever goes by the document is refused."
_SILENT = "It is evidence for nothing."

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "charged-dry-run": Kind(
            ERROR, "a dry run started a task, and may have charged for it", _RUNS,
            "Cancel the task, look at the account, and have no dry run until the service explains it."),
        "accepted-though-invalid": Kind(
            ERROR, "the service takes what its document refuses", _RUNS,
            "Look at the task and at the account; `--drafts` writes the correction that loosens the document."),
        "refused-though-valid": Kind(
            ERROR, "the service refuses what its document allows", _REFUSED,
            "Read what the service says; `--drafts` writes a rule that says it beforehand, where one can be made."),
        "missing-recording": Kind(
            ERROR, "a request has no recorded answer",
            "The plan has changed since the recordings were made, and nobody knows what the service says to it.",
            "Record again: `--live --record DIR`."),
        "recording-of-another-document": Kind(
            ERROR, "the recordings were made of another version of the document",
            "What they show may be out of date.", "Record again: `--live --record DIR`."),
        "refused-for-another-parameter": Kind(
            WARNING, "the service blames another parameter than its document does",
            "The payload has one fault, and the service sees another one or names it otherwise.",
            "Compare its answer with the document; one of the two does not know a rule of the other."),
        "answer-not-as-documented": Kind(
            WARNING, "the service answers otherwise than its document says",
            "Clients that go by the document cannot read such answers.", "Have the document corrected."),
        "refused-for-another-reason": Kind(
            NOTE, "the service blames the same parameter for another reason",
            "Users are told another limit than the document has.", "Compare its answer with the document."),
        "status-not-documented": Kind(
            NOTE, "the service answers with a status that its document does not describe",
            "Clients may not expect it.", "Have the document corrected."),
        "reason-not-understood": Kind(
            NOTE, "the service refuses in words that are not understood",
            "It is a refusal; what it is about nobody could tell.", "Read the answer, which is shown whole."),
        "made-up-medium": Kind(
            NOTE, "the service refuses a made-up medium, not the payload",
            "Payloads hold no real media, so the service never came to the question.",
            "Nothing: it says nothing about the payload."),
        "may-have-been-accepted": Kind(
            WARNING, "a request may have been accepted: its answer says nothing",
            "It may have been run and cost money; it is never sent again.",
            "Look for its ids, which the journal holds, in the account.", inconclusive=True),
        "inconclusive": Kind(
            NOTE, "an answer says nothing about the payload", _SILENT,
            "Mend what it names (the key, the credits, the rate), and ask again.", inconclusive=True),
        "not-asked": Kind(
            NOTE, "requests were not sent", "The run ended before them.",
            "See what ended it, and ask again.", inconclusive=True),
    }
)  # fmt: skip
"""Every kind of finding, the gravest first."""
