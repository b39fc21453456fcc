"""
Laws: what is said of a payload does not depend on the file that it stands in, and where it stands is where it says.
"""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.jobs.dress import write
from tests.jobs.test_sieve import mixed

from preroll import check
from preroll.pointer import ABSENT, look_up, parse
from preroll.recognition import Unrecognised
from preroll.violation import KEYED

DRESSES = {
    # file name: how a payload is written there, and the address at which it stands
    "plain.json": (lambda text, _: text, ""),
    "indented.json": (lambda _, value: json.dumps(value, indent=3, ensure_ascii=False), ""),
    "escaped.json": (lambda _, value: json.dumps(value, ensure_ascii=True, separators=(",", ":")), ""),
    "lines.jsonl": (lambda text, _: f"\n{text}\r\n", ""),
    "flow.yaml": (lambda text, _: f"# a job\n---\n{text}\n", ""),
    "wrapped.json": (lambda text, _: f'{{"deep": [{{"request": {text}}}]}}', "/deep/0/request"),
    "wrapped.jsonl": (lambda text, _: f'{{"custom": 1, "request": {text}}}\n', "/request"),
    "comments.jsonc": (lambda text, _: f"// a job\n{text} /* done */", ""),
}


def at(text: str, line: int, column: int) -> Any:
    """The JSON value that stands at a place of a text."""
    rest = "\n".join(text.split("\n")[line - 1 :])[column - 1 :]
    return json.JSONDecoder().raw_decode(rest)[0]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_the_same_is_said_of_a_payload_in_every_file(linted, seed):
    payload = mixed(random.Random(seed))
    try:
        expected = [(each.rule, each.pointer) for each in check(payload).violations]
    except Unrecognised:
        return
    if not all(isinstance(payload.get(name), str) for name in ("model", "taskType")):
        return  # deep inside a file, a task must be recognisable by all that tells it apart
    text = json.dumps(payload, ensure_ascii=False)
    for name, (dress, address) in DRESSES.items():
        written = dress(text, payload)
        write(name, written.encode())
        run = linted(name, information=True)
        assert run.counts.get("skipped", 0) == 0
        found = [
            (placed.violation, placed, each)
            for each in run.entries
            for placed in each.found
            if placed.violation.rule != "literal-secret"
        ]
        assert [(violation.rule, violation.pointer) for violation, _, _ in found] == expected, name
        for violation, placed, entry in found:
            assert entry.at == address
            assert placed.line is not None
            assert placed.column is not None
            value = look_up(payload, parse(violation.pointer))
            if violation.kind in KEYED:
                assert at(written, placed.line, placed.column) == parse(violation.pointer)[-1]
            elif value is not ABSENT:
                assert at(written, placed.line, placed.column) == value
