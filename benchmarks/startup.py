"""
How long does `preroll check` take on one small file, beside an interpreter that does nothing?

    python benchmarks/startup.py [RUNS]

Medians of alternating runs, so that a busy machine slows both alike; the ratio is what counts (goal 8, at most 10).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOAL, LIMIT = 8, 10

JOB = [
    {
        "taskType": "videoInference",
        "taskUUID": "5f0bd2c1-2c86-4be0-9a6d-6f0e3d3e8a01",
        "model": "klingai:kling-video@o3-pro",
        "positivePrompt": "A red fox runs",
        "width": 1920,
        "height": 1080,
    }
]

RUN = "from preroll.cli import run; run()"


def commands(folder: Path) -> dict[str, list[str]]:
    """What is timed, by name; all are one process each."""
    good, bad = folder / "good.json", folder / "bad.json"
    good.write_text(json.dumps(JOB, indent=2), encoding="utf-8")
    bad.write_text(json.dumps([{**JOB[0], "duration": 99}], indent=2), encoding="utf-8")
    python = [sys.executable, "-c"]
    script = Path(sys.executable).with_name("preroll")
    preroll = [str(script)] if script.is_file() else [*python, RUN]
    return {
        "python -c pass": [*python, "pass"],
        "import orjson, jsonschema_rs": [*python, "import orjson, jsonschema_rs"],
        "the same and click": [*python, "import orjson, jsonschema_rs, click"],
        "preroll --version": [*preroll, "--version"],
        "preroll check good.json": [*preroll, "check", str(good)],
        "preroll check bad.json": [*preroll, "check", str(bad)],
    }


def environment() -> dict[str, str]:
    """Bytecode is written once and read after, as for an installed package."""
    paths = [str(ROOT / "validator"), str(ROOT / "fuzz"), os.environ.get("PYTHONPATH", "")]
    kept = {name: each for name, each in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), check=False)
    return time.perf_counter() - started


def main(arguments: list[str]) -> int:
    runs = int(arguments[0]) if arguments else 25
    with tempfile.TemporaryDirectory() as folder:
        timed = commands(Path(folder))
        for command in timed.values():
            seconds(command)  # the first run writes bytecode and fills the disk cache
        found: dict[str, list[float]] = {name: [] for name in timed}
        for _ in range(runs):
            for name, command in timed.items():
                found[name].append(seconds(command))
    base = statistics.median(found["python -c pass"])
    print(f"{'':30} {'median':>9} {'ratio':>7}   ({runs} runs each)")
    for name, each in found.items():
        print(f"{name:30} {statistics.median(each) * 1000:6.1f} ms {statistics.median(each) / base:6.1f}x")
    ratio = statistics.median(found["preroll check good.json"]) / base
    print(f"preroll check on a small file: {ratio:.1f}x python -c pass (goal {GOAL}x, at most {LIMIT}x)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
