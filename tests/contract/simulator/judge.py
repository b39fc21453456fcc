"""
The verdicts of the simulated services: what is wrong with a body, by a document and the vendor's sentences.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from tests.contract.simulator import documents, prose
from tests.contract.simulator.documents import INTENDED
from tests.contract.simulator.schema import Path, Problem, problems


@dataclass(frozen=True)
class Judge:
    """
    What a service refuses.

    Attributes:
        view: by which meaning of the documents: `intended` or `published`.
        today: the day in UTC; None is today.
    """

    view: str = INTENDED
    today: date | None = None

    def runware(self, body: Any) -> list[Problem]:
        """What is wrong with a request of tasks."""
        if self.view != INTENDED:
            return self._as_published(body)
        bare = isinstance(body, dict)
        tasks = [body] if bare else body
        if not isinstance(tasks, list):
            return [Problem((), "type", {"type": "array"})]
        found: list[Problem] = []
        for place, task in enumerate(tasks):
            found += self._task(task, () if bare else (place,), place)
        found += prose.task_ids_are_unique(tasks)
        return found

    def _task(self, task: Any, at: Path, place: int) -> Iterator[Problem]:
        if not isinstance(task, dict):
            yield Problem(at, "type", {"type": "object"})
            return
        if task.get("taskType") == "authentication":
            if place:
                yield Problem((*at, "taskType"), "rule", {"message": "Only the first task can be an authentication."})
            yield from problems(documents.runware(documents.KLING, self.view)[1], task, dependencies=True, at=at)
            return
        model = task.get("model")
        if not isinstance(model, str) or model not in documents.FILES:
            if "model" not in task:
                yield Problem((*at, "model"), "missing")
            elif isinstance(model, str):
                yield Problem((*at, "model"), "value", {"allowedValues": list(documents.FILES)})
            else:
                yield Problem((*at, "model"), "type", {"type": "string"})
            return
        schema, _ = documents.runware(model, self.view)
        yield from problems(schema, task, dependencies=True, at=at)
        for rule in prose.RUNWARE[model]:
            for each in rule(task):
                yield Problem(at + each.path, each.kind, each.facts, tuple(at + other for other in each.others))

    def _as_published(self, body: Any) -> list[Problem]:
        """One document tells all: that of the first model named; the schema of a request is an array, nothing else."""
        if not isinstance(body, list):
            return [Problem((), "type", {"type": "array"})]
        models = [
            each["model"] for each in body if isinstance(each, dict) and each.get("model") in list(documents.FILES)
        ]
        found: list[Problem] = []
        for place, task in enumerate(body):
            if not models:
                found.append(Problem((place, "model"), "value", {"allowedValues": list(documents.FILES)}))
                continue
            schema, _ = documents.runware(models[0], self.view)
            found += problems(schema, task, dependencies=False, at=(place,))
        return found

    def runwayml(self, path: str, body: Any) -> list[Problem]:
        """What is wrong with the body of an operation."""
        schema = documents.runwayml()["POST", path]
        if schema is None:
            return []
        intended = self.view == INTENDED
        found = problems(schema, body, dependencies=intended)
        if intended:
            found += prose.runwayml(path, body, self.today or datetime.now(UTC).date())
        return found
