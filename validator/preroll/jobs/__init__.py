"""
Job files: where payloads stand in them, and what is wrong with those.

`files` and `walking` say which files there are and how their bytes are read, `finding` where the payloads in a
text are, `texts` on which line, `linting` what is to be said of one file, and `running` does that for many, with
several processes and in a fixed order.
"""

from __future__ import annotations

from preroll.jobs.files import File, named
from preroll.jobs.linting import Linter, Options, Result
from preroll.jobs.running import lint
from preroll.jobs.walking import Walk

__all__ = ["File", "Linter", "Options", "Result", "Walk", "lint", "named"]
