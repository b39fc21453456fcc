"""
A corpus of stored jobs: mixed tasks of one vendor as JSONL, with a given share of bad ones; the same for one seed.

    python benchmarks/corpus.py OUTPUT [--tasks 100000] [--bad 0.01] [--seed 1] [--spaced]

Good tasks are those of examples/good with their own identifiers, prompts, seeds and hooks; half of the bad ones
are those of examples/bad in the same way, the other half are good ones with one thing broken at random.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
VENDOR = "runware"

WORDS = [
    "a",
    "slow",
    "dolly",
    "shot",
    "along",
    "wet",
    "cobbles",
    "at",
    "dawn",
    "while",
    "lanterns",
    "flicker",
    "over",
    "the",
    "harbour",
    "and",
    "a",
    "red",
    "fox",
    "crosses",
    "the",
    "bridge,",
    "soft",
    "rain,",
    "long",
    "lens,",
    "shallow",
    "focus,",
    "neon",
    "reflections,",
    "drifting",
    "fog,",
    "distant",
    "thunder,",
    "warm",
    "light",
    "through",
    "paper",
    "screens,",
    "handheld,",
    "cinematic,",
    "35",
    "mm",
    "grain,",
    "hush",
    "of",
    "snow,",
    "gulls",
    "above",
    "the",
    "pier,",
    "wheat",
    "in",
    "the",
    "wind",
]


def templates(folder: str) -> list[dict[str, Any]]:
    """The tasks of one folder of examples."""
    found = []
    for file in sorted((EXAMPLES / folder).glob("*.json")):
        value = json.loads(file.read_text(encoding="utf-8"))
        listed = value if isinstance(value, list) else [value]
        found += [each for each in listed if isinstance(each, dict) and "taskUUID" in each]
    return found


def varied(task: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A copy with an identifier and a prompt of its own, and now and then a seed and a hook."""
    task = copy.deepcopy(task)
    task["taskUUID"] = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if isinstance(task.get("positivePrompt"), str):
        words = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(15, 80)))
        task["positivePrompt"] = f"{task['positivePrompt']} {words}"
    if rng.random() < 0.3:
        task["webhookURL"] = task.get("webhookURL", f"https://hooks.example.com/jobs/{rng.randrange(10**9)}")
    if rng.random() < 0.3:
        task["includeCost"] = task.get("includeCost", True)
    if isinstance(task.get("seed"), int):
        task["seed"] = rng.randrange(1, 2**31)
    return task


def broken(task: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A copy in which one thing is wrong that no schema could take."""
    task = copy.deepcopy(task)
    name = rng.choice([each for each in task if each not in ("model", "taskUUID")])
    kind = rng.randrange(5)
    if kind == 0:
        task.pop("taskUUID")
    elif kind == 1:
        task[name] = {"not": "this"}
    elif kind == 2:
        task[name + rng.choice("sxé_")] = task.pop(name)
    elif kind == 3:
        task["taskUUID"] = task["taskUUID"][:-1]
    else:
        task[rng.choice(["duration", "width", "numberResults"])] = rng.choice([-1, "5", 10**6, None])
    return task


def tasks(count: int, bad: float, seed: int) -> Iterator[tuple[dict[str, Any], bool]]:
    """Tasks, and whether each is meant to be bad."""
    rng = random.Random(seed)
    good, faulty = templates("good"), templates("bad")
    good = [each for each in good if each.get("model")]
    for _ in range(count):
        if rng.random() >= bad:
            yield varied(rng.choice(good), rng), False
        elif rng.random() < 0.5:
            yield varied(rng.choice(faulty), rng), True
        else:
            yield broken(varied(rng.choice(good), rng), rng), True


def write(path: Path, *, count: int, bad: float = 0.01, seed: int = 1, spaced: bool = False) -> None:
    """Write a corpus; `spaced` puts blanks after commas and colons, as Python's `json` does."""
    separators = (", ", ": ") if spaced else (",", ":")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for task, _ in tasks(count, bad, seed):
            file.write(json.dumps(task, ensure_ascii=False, separators=separators) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--bad", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spaced", action="store_true")
    given = parser.parse_args()
    write(given.output, count=given.tasks, bad=given.bad, seed=given.seed, spaced=given.spaced)
    print(f"{given.output}: {given.tasks:,} tasks, {given.output.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
