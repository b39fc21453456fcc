"""
Payloads in their usual dress, and ways to lint what stands in a folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from preroll.jobs import Result, Walk

UUID = "0b3f7a52-3c55-4b8c-9d52-0b9d7c1d9a11"

TASK: dict[str, Any] = {
    "taskType": "videoInference",
    "taskUUID": UUID,
    "model": "klingai:kling-video@o3-pro",
    "positivePrompt": "A red fox runs",
    "width": 1920,
    "height": 1080,
}
BAD_TASK = {**TASK, "height": 1081}
BODY: dict[str, Any] = {
    "model": "gen4_turbo",
    "promptImage": "https://example.com/a.png",
    "ratio": "1280:720",
    "duration": 5,
}
BAD_BODY = {**BODY, "ratio": "16:9"}


class Found:
    """The results of a run, joined."""

    def __init__(self, results: list[Result], walk: Walk) -> None:
        self.results, self.walk = results, walk
        self.entries = [entry for each in results for entry in each.entries]
        self.skips = [skip for each in results for skip in each.skips]
        self.empty = {each.file: each.empty for each in results if each.empty}
        self.counts: dict[str, int] = {}
        for each in results:
            for verdict, number in each.counts.items():
                self.counts[verdict] = self.counts.get(verdict, 0) + number

    @property
    def places(self) -> list[tuple[str, str, str, int | None, int | None]]:
        """Rule, address of the payload, pointer, line and column of every violation."""
        return [
            (placed.violation.rule, each.at, placed.violation.pointer, placed.line, placed.column)
            for each in self.entries
            for placed in each.found
        ]

    @property
    def rules(self) -> list[str]:
        return [each[0] for each in self.places]


def write(name: str, content: Any) -> None:
    """Write a file: text, bytes, or a value as JSON."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), encoding="utf-8")


def lines(*values: Any) -> str:
    """JSONL, with a line for every value; texts stand as they are."""
    return "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in values)
