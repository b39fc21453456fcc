"""
docs/decode.md shows real output: each block is what its command prints.

`PREROLL_UPDATE=1 pytest tests/refusals/test_docs.py` writes the blocks anew.
"""

import contextlib
import io
import os
import re
from pathlib import Path

import pytest

from preroll.cli import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/decode.md"
MARK = re.compile(r"<!-- output: (.+?) -->\n(?:\n?```console\n.*?\n```\n)?", re.DOTALL)


def printed(command):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main(command.split())
    return f"<!-- output: {command} -->\n\n```console\n$ preroll {command}\n{out.getvalue().rstrip()}\n```\n"


@pytest.mark.parametrize("command", MARK.findall(PAGE.read_text(encoding="utf-8")))
def test_a_block_is_what_its_command_prints(command, monkeypatch):
    monkeypatch.chdir(ROOT)
    fresh = printed(command)
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get("PREROLL_UPDATE"):
        text = MARK.sub(lambda found: fresh if found[1] == command else found[0], text)
        PAGE.write_text(text, encoding="utf-8")
    assert fresh in text
