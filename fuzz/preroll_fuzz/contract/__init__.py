"""
Contract checks: whether the live service does what its document promises.

    from preroll_fuzz.contract import plan

    agenda = plan(registry, ["vendor/target"])     # what would be sent, and why; nothing is

Nothing is sent by making an agenda; `run` sends it, or replays recordings of it. Needs the group `contract`; to
plan and to replay, `fuzz` is enough.
"""

from __future__ import annotations

from preroll_fuzz.contract.agenda import DRY_RUN, FREE, PAID, STAGES, Agenda, Left, Planned, Subject, plan
from preroll_fuzz.contract.finding import Finding
from preroll_fuzz.contract.running import Exchange, Result, run
from preroll_fuzz.contract.service import ContractError, Service

__all__ = [
    "DRY_RUN",
    "FREE",
    "PAID",
    "STAGES",
    "Agenda",
    "ContractError",
    "Exchange",
    "Finding",
    "Left",
    "Planned",
    "Result",
    "Service",
    "Subject",
    "plan",
    "run",
]
