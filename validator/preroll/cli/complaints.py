"""
What goes wrong before there is anything to report: one clear message on standard error, and its exit code.
"""

from __future__ import annotations

import os
import sys

from preroll.cli.exits import Exit


def complaint(error: Exception) -> int:
    """
    Tell the user of an error, and say which exit code it means.

    What the user can mend is said in one line; anything else is a fault of preroll and says so.
    """
    from preroll.baseline import BaselineError
    from preroll.document import DocumentError  # after a failure nobody counts milliseconds
    from preroll.jobs.finding import SelectError
    from preroll.recognition import Unrecognised
    from preroll.registry import UnknownTarget
    from preroll.render.text import shown
    from preroll.rules import RuleError
    from preroll.settings import SettingsError
    from preroll.unreadable import Unreadable

    mendable = (BaselineError, DocumentError, RuleError, SelectError, SettingsError, UnknownTarget, Unreadable)
    if isinstance(error, (*mendable, Unrecognised, Usage)):
        sys.stderr.write(f"preroll: {shown(str(error))}\n")
        return int(Exit.USAGE)
    if os.environ.get("PREROLL_DEBUG"):
        raise error
    kind = type(error).__name__
    if isinstance(error, (MemoryError, RecursionError)):
        sys.stderr.write(f"preroll: the input is too large or too deep to be handled ({kind})\n")
        return int(Exit.USAGE)
    sys.stderr.write(
        f"preroll: an internal fault ({kind}); please report it with the input, if you may share it "
        "(PREROLL_DEBUG=1 shows where it happened)\n"
    )
    return int(Exit.FAULT)


def unwritable(error: OSError) -> int:
    """Tell that standard output takes nothing, and say the exit code."""
    reason = (error.strerror or "unknown reason").lower()
    sys.stderr.write(f"preroll: standard output cannot be written: {reason}\n")
    drop_output()
    return int(Exit.USAGE)


def drop_output() -> None:
    """Leave what is still to be written: it would fail again at the interpreter's exit, which has words of its own."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Usage(ValueError):
    """A wrong use that click cannot see: says what and what to do."""
