"""
Refusals: what a service answers, read as complaints, and complaints as violations.

`read` takes an answer apart, `matched` holds its complaints against the violations of a check, and
`preroll.decode` joins both. A reader per format says whether it recognises a body.
"""

from preroll.refusals.answer import (
    ACCEPTED,
    AFTER_CHANGE,
    INCONCLUSIVE,
    LATER,
    NEVER,
    REFUSED,
    UNKNOWN,
    UNREAD,
    Answer,
    Complaint,
)
from preroll.refusals.matching import Match, matched
from preroll.refusals.reading import read

__all__ = [
    "ACCEPTED",
    "AFTER_CHANGE",
    "INCONCLUSIVE",
    "LATER",
    "NEVER",
    "REFUSED",
    "UNKNOWN",
    "UNREAD",
    "Answer",
    "Complaint",
    "Match",
    "matched",
    "read",
]
