"""
Comparison: what another check says of payloads, held against what we know of them.
"""

from __future__ import annotations

import json
import shlex
import subprocess  # the user names the command
from collections.abc import Iterable, Iterator
from typing import Any

TIME = 60
"""Seconds that a command may take for one payload."""


def compared(records: Iterable[dict[str, Any]], command: str) -> Iterator[dict[str, Any] | None]:
    """
    For each record None where a command agrees, else the record with `said` (`accepted` or `refused`) and `output`.

    Args:
        records: what `preroll fuzz` writes; a payload that earns a warning counts as accepted.
        command: gets the payload as JSON on standard input; exit code 0 accepts it, any other refuses it. It is run
            without a shell.

    Raises:
        ValueError: the command cannot be run, or takes too long.
    """
    words = shlex.split(command)
    if not words:
        raise ValueError("--check-with needs a command")
    for record in records:
        text = json.dumps(record["payload"], ensure_ascii=False)
        try:
            done = subprocess.run(  # noqa: S603  # see above
                words, input=text.encode(), capture_output=True, timeout=TIME, check=False
            )
        except OSError as error:
            raise ValueError(f"{words[0]} cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise ValueError(f"{words[0]} took more than {TIME} seconds for one payload") from None
        accepts = done.returncode == 0
        if accepts == (record["expect"] != "invalid"):
            yield None
        else:
            output = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
            yield {**record, "said": "accepted" if accepts else "refused", "output": output[:500]}
