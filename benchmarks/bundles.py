"""
Do other validators agree with `check`, given the schemas that `preroll bundle` writes?

    NODE_PATH=.peers/node_modules python benchmarks/bundles.py [CASES.jsonl ...]

A case is an object with `payload` and `target` (or `operation`); without a file the job files of `examples/` are the
cases. ajv judges each by the bundle of its target, in both drafts. Printed are the cases in which it accepts what
`check` refuses, with the rules that no schema can say, and any case that this does not explain.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from preroll import bundle
from preroll.judgement import INVALID, check
from preroll.recognition import Unrecognised
from preroll.registry import Registry, UnknownTarget

ROOT = Path(__file__).resolve().parents[1]


def cases(files: list[str]) -> Iterator[tuple[str, str | None, Any]]:
    for file in files:
        for number, line in enumerate(Path(file).read_text(encoding="utf-8").splitlines(), 1):
            case = json.loads(line)
            named = case.get("target") or case.get("operation", "").replace(":", "/", 1)
            if "response" not in named:  # bundles are about requests
                yield case.get("id", f"{file}:{number}"), named, case["payload"]
    if not files:
        for path in sorted((ROOT / "examples").glob("*/*.json")):
            yield path.stem, None, json.loads(path.read_text(encoding="utf-8"))


def main(files: list[str]) -> int:
    node = shutil.which("node")
    if node is None:
        print("skipped: node is not installed")
        return 0
    registry = Registry.bundled()
    by_target: dict[str, list[tuple[str, Any, Any]]] = {}
    for name, named, payload in cases(files):
        try:
            report = check(payload, named, today="2025-01-01")
            target = registry.resolve(named) if named else registry.targets[report.target or ""]
        except (KeyError, UnknownTarget, Unrecognised):
            continue
        if target.described:
            by_target.setdefault(target.name, []).append((name, payload, report))
    unexplained = 0
    for draft in bundle.DRAFTS:
        made = {name: bundle.bundle(registry, registry.targets[name], draft=draft) for name in by_target}
        jobs = [
            {"schema": made[name].schema, "draft": draft, "payloads": [payload for _, payload, _ in listed]}
            for name, listed in by_target.items()
        ]
        done = subprocess.run(
            [node, str(ROOT / "tests/bundle.js")],
            input=json.dumps(jobs),
            capture_output=True,
            text=True,
            check=False,
            env=os.environ,
        )
        if done.returncode:
            print(f"skipped: ajv does not run (make peers; NODE_PATH): {done.stderr.splitlines()[-1:]}")
            return 0
        total = agreed = 0
        for (name, listed), verdicts in zip(by_target.items(), json.loads(done.stdout), strict=True):
            left = {each.id for each in made[name].left}
            for (case, payload, report), valid in zip(listed, verdicts, strict=True):
                total += 1
                if valid != (report.verdict == INVALID):
                    agreed += 1
                    continue
                rules = {each.rule for each in report.violations if each.severity == "error"}
                models = (
                    {json.dumps(each.get("model")) for each in payload if "model" in each}
                    if isinstance(payload, list)
                    else ()
                )
                known = valid and rules <= {*left, *({"multiple-of"} if "multipleOf" in left else ())}
                known = known or (not valid and len(models) > 1 and "request" in left)
                unexplained += not known
                told = ", ".join(sorted(rules)) or report.verdict
                print(f"{'not expressed' if known else 'UNEXPLAINED'}: {case}: ajv accepts: {valid}; check: {told}")
        print(f"draft {draft}: {agreed} of {total} verdicts agree")
    return 1 if unexplained else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
