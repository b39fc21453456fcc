"""
How long does a diff take, and what does it decide?

For every bundled document, three edits: nothing, a rewrite that changes nothing (its `allOf` reversed, its conditions
as `anyOf` and `not`), and a limit lowered. With two paths, those documents instead. The goals are 2 s for a document of
one model and 60 s for one of 650 KB.

    python benchmarks/diff.py [OLD NEW]
"""

from __future__ import annotations

import copy
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from preroll.compat.comparison import compare
from preroll.registry import Registry


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(tree, dict):
        yield tree
        for each in tree.values():
            yield from nodes(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from nodes(each)


def rewritten(tree: Any) -> None:
    """Say the same otherwise."""
    for node in list(nodes(tree)):
        if isinstance(node.get("allOf"), list):
            node["allOf"].reverse()
        if isinstance(node.get("if"), dict) and "then" in node and "else" not in node and "anyOf" not in node:
            node["anyOf"] = [{"not": node.pop("if")}, node.pop("then")]


def lowered(tree: Any) -> None:
    """Lower the first maximum by one."""
    for node in nodes(tree.get("paths", {}) if "components" not in tree else tree):
        if isinstance(node.get("maximum"), int) and node.get("type") == "integer":
            node["maximum"] -= 1
            return


EDITS: dict[str, Callable[[Any], None]] = {"unchanged": lambda _: None, "rewritten": rewritten, "a limit": lowered}


def told(label: str, old: Registry, new: Registry) -> None:
    """One comparison on one line."""
    started = time.perf_counter()
    found = compare(old, new)
    seconds = time.perf_counter() - started
    counts = Counter(
        each.relation for report in found.targets for each in (report.request, report.response) if each is not None
    )
    slowest = max(found.targets, key=lambda report: report.seconds)
    relations = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    print(f"{label:58} {seconds:6.2f} s  {len(found.targets):3} targets  {relations}")
    print(f"{'':58} slowest {slowest.target} {slowest.seconds:.2f} s")


def main(arguments: list[str]) -> None:
    """Print a line for each comparison."""
    # What is imported and made once is not what a diff costs.
    tree = {"type": "object", "properties": {"a": {"maximum": 1}}}
    compare(Registry.of(tree), Registry.of({**tree, "required": ["a"]}))
    if arguments:
        started = time.perf_counter()
        old, new = (Registry.load(each, bundled=False) for each in arguments)
        print(f"{'read':58} {time.perf_counter() - started:6.2f} s")
        told("compared", old, new)
        return
    bundled = Registry.bundled()
    for source in bundled.documents:
        key = getattr(source, "key", source.title)
        text = json.dumps(bundled.document(key).raw)
        for name, edit in EDITS.items():
            tree = copy.deepcopy(json.loads(text))
            edit(tree)
            told(f"{key} {name}", Registry.of(json.loads(text), "old.json"), Registry.of(tree, "new.json"))


if __name__ == "__main__":
    main(sys.argv[1:])
