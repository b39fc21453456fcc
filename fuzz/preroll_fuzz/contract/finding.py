"""
Findings: where document, rules and service disagree, and what kept the check from finding out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from preroll.disagreement import KINDS

if TYPE_CHECKING:
    from preroll_fuzz.contract.messages import Answered


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One disagreement, or one reason why there is no answer.

    Attributes:
        id: a key of `KINDS`.
        target, stage: where.
        message: one or two sentences.
        scenario, fault, pointer: of the request, as in `Planned`; `fault` as plain data or None.
        request: the payload as planned, or None.
        response: what was answered, or None.
        evidence: further facts by name.
        draft: the draft of a correction or rule that would mend the disagreement, or None.
        times: how many requests showed the same.
    """

    id: str
    target: str
    stage: str
    message: str
    scenario: str = ""
    fault: Mapping[str, Any] | None = None
    pointer: str = ""
    request: Any = None
    response: Answered | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    draft: Mapping[str, Any] | None = None
    times: int = 1

    @property
    def level(self) -> str:
        """`error`, `warning` or `note`."""
        return KINDS[self.id].level

    @property
    def title(self) -> str:
        """What findings of its kind say, in general."""
        return KINDS[self.id].title

    @property
    def is_inconclusive(self) -> bool:
        """Whether it says only that nothing was found out."""
        return KINDS[self.id].inconclusive
