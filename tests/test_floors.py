"""The house has floors: at import time a room asks only for rooms below it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "validator" / "preroll"

# From the ground up; a package is one room. Rooms of one line stand on one floor and may use each other downwards
# in the order given.
FLOORS = [
    ["pointer", "formula", "violation", "spelling"],
    ["unreadable", "positions", "json_text", "yaml_text", "source", "dialect", "reference", "mending", "redaction"],
    ["document", "envelope", "assertions", "evaluation", "overlay", "answers", "target"],
    ["rules", "registry", "compiled", "anchors", "assembly"],
    [
        *("watched", "explanation", "vocabulary", "diagnosis", "likeness", "recollection", "silence", "defaults"),
        *("recognition", "prose", "strangers", "judgement"),
    ],
    ["phrases", "words", "capabilities", "disagreement", "catalogue"],
    ["constraints", "sieve", "advice", "audit", "compat", "rewriting", "bundle", "refusals"],
    ["settings", "outcome", "tally", "baseline", "jobs"],
    ["render", "reports"],
    ["cli", "__main__"],
]
ORDER = {room: (floor, place) for floor, rooms in enumerate(FLOORS) for place, room in enumerate(rooms)}

ROOMS = sorted({path.relative_to(ROOT).parts[0].removesuffix(".py") for path in ROOT.rglob("*.py")} - {"__init__"})


def modules(room):
    folder = ROOT / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{room}.py"]


def asked_for(tree):
    """The rooms that a module imports when it is imported itself: not inside functions, not for type checkers."""
    for node in tree.body:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        for each in ast.walk(node) if isinstance(node, (ast.If, ast.Try)) else [node]:
            if isinstance(each, ast.ImportFrom) and each.module == "preroll":
                yield from (alias.name for alias in each.names)
            elif isinstance(each, ast.ImportFrom) and (each.module or "").startswith("preroll."):
                yield str(each.module).split(".")[1]
            elif isinstance(each, ast.Import):
                yield from (alias.name.split(".")[1] for alias in each.names if alias.name.startswith("preroll."))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_asks_only_for_rooms_below(room):
    assert room in ORDER, f"{room} has no floor yet"
    upwards = {
        f"{path.relative_to(ROOT)} -> {other}"
        for path in modules(room)
        for other in asked_for(ast.parse(path.read_text(encoding="utf-8")))
        if other in ORDER and other != room and ORDER[other] > ORDER[room]
    }
    assert upwards == set()
