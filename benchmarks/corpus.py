"""
A corpus of stored jobs: mixed tasks of one vendor as JSONL, with a given share of bad ones; the same for one seed.

    python benchmarks/corpus.py OUTPUT [--tasks 100000] [--bad 0.01] [--seed 1] [--spaced]

Good tasks are those of examples/good in some hundred settings: other sizes, lengths, switches and strengths that the
vendor's document names, as far as a check finds them valid. Every task has an identifier, prompts, seeds and media of
its own, and one in four its own hook. Half of the bad ones are those of examples/bad in the same way, the other half
are good ones with one thing broken at random.
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

from preroll import check
from preroll.registry import Registry

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
VENDOR = "runware"

WORDS = (  # noqa: SIM905  # it is read as a text
    "a slow dolly shot along wet cobbles at dawn while lanterns flicker over the harbour and a red fox crosses the "
    "bridge, soft rain, long lens, shallow focus, neon reflections, drifting fog, distant thunder, warm light through "
    "paper screens, handheld, cinematic, 35 mm grain, hush of snow, gulls above the pier, wheat in the wind"
).split()
ODD_WORDS = [
    "café",
    "façade",
    "東京の夜",
    "\U0001f98a",
    'a sign that says "open"',
    "first line\nsecond line",
    "naïve",
    "–",
]

SETTINGS = 24
"""In how many settings each good example is looked for."""


def templates(folder: str) -> list[dict[str, Any]]:
    """The tasks of one folder of examples."""
    found = []
    for file in sorted((EXAMPLES / folder).glob("*.json")):
        value = json.loads(file.read_text(encoding="utf-8"))
        listed = value if isinstance(value, list) else [value]
        found += [each for each in listed if isinstance(each, dict) and "taskUUID" in each]
    return found


def literals(schema: Any) -> Iterator[dict[str, Any]]:
    """Values that a schema names for some of its properties, those of one branch together."""
    if isinstance(schema, list):
        for each in schema:
            yield from literals(each)
    if not isinstance(schema, dict):
        return
    together = {}
    for name, each in schema.get("properties", {}).items():
        if not isinstance(each, dict):
            continue
        listed = [*each.get("enum", ()), *(one["const"] for one in each.get("oneOf", ()) if "const" in one)]
        if isinstance(each.get("maximum"), int) and isinstance(each.get("minimum"), int):
            low, high = each["minimum"], each["maximum"]
            listed += {low + (high - low) * step // 12 for step in range(13)}
        yield from ({name: value} for value in listed if value is not None)
        if each.get("type") == "boolean":
            yield from ({name: value} for value in (False, True))
        if "const" in each:
            together[name] = each["const"]
    if together:
        yield together
    for keyword, each in schema.items():
        if keyword not in ("const", "enum", "default", "examples"):
            yield from literals(each)


def in_other_settings(task: dict[str, Any], rng: random.Random) -> list[dict[str, Any]]:
    """A task, and what is as valid as it with other values of its settings."""
    registry = Registry.bundled()
    target = next(iter(registry.told("model", task["model"])))
    choices = [each for each in literals(registry.schema(target)) if "model" not in each and "taskType" not in each]
    found = [task]
    for _ in range(SETTINGS * 20):
        other = copy.deepcopy(task)
        for _ in range(rng.randrange(1, 5)):
            setting = rng.choice(choices)
            for owner in objects(other):
                if setting.keys() <= owner.keys():
                    owner.update(setting)
        if rng.random() < 0.3:
            for owner, key in places(other):
                if is_link(owner[key]):
                    owner[key] = str(uuid.UUID(int=0, version=4))
        if other not in found and check(other).verdict == "valid":
            found.append(other)
        if len(found) == SETTINGS:
            break
    return found


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(each)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a text in a value: what holds it, and its key there."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(each, (dict, list)):
            yield from places(each)
        elif isinstance(each, str):
            yield value, key


def is_link(text: str) -> bool:
    return text.startswith("https://")


def is_uuid(text: str) -> bool:
    return len(text) == 36 and text.count("-") == 4


def sentence(words: int, rng: random.Random) -> str:
    """So many words, now and then with one that is not ASCII or must be escaped."""
    listed = [rng.choice(WORDS) for _ in range(words)]
    if rng.random() < 0.1:
        listed[rng.randrange(words)] = rng.choice(ODD_WORDS)
    return " ".join(listed)


def link(text: str, rng: random.Random) -> str:
    """Another address of the same kind of file; one in four is signed."""
    ending = text.rpartition(".")[2]
    path = f"{rng.choice(WORDS).strip(',')}/{rng.getrandbits(48):012x}.{ending}"
    signed = f"?X-Expires={rng.randrange(600, 90000)}&X-Signature={rng.getrandbits(256):064x}"
    return f"https://assets.example.com/{path}{signed if rng.random() < 0.25 else ''}"


def varied(task: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A copy with an identifier, prompts and media of its own, and now and then a seed and a hook."""
    task = copy.deepcopy(task)
    for owner, key in list(places(task)):
        text = owner[key]
        if key == "positivePrompt":
            owner[key] = f"{text} {sentence(rng.randrange(15, 80), rng)}"
        elif text.count(" ") > 3:
            owner[key] = sentence(text.count(" ") + 1, rng)
        elif is_link(text):
            owner[key] = link(text, rng)
        elif is_uuid(text):
            owner[key] = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if rng.random() < 0.25:
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
    good = [other for each in good if each.get("model") for other in in_other_settings(each, rng)]
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
