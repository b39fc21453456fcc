"""
What Git says has changed: for hooks and pull requests, which look at nothing else.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Final

TIMEOUT: Final = 60


class GitError(ValueError):
    """Git is not there, this is no repository, or there is no such revision: says which."""


def is_revision(name: str) -> bool:
    """Whether Git knows a revision of that name here."""
    try:
        _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except GitError:
        return False
    return True


def changed(revision: str, folders: tuple[str, ...] = ()) -> Iterator[str]:
    """
    The files that differ from a revision, new and untracked ones included, deleted ones left out.

    Args:
        revision: what to compare with.
        folders: only files in these; everywhere in the repository when empty.

    Raises:
        GitError: see there.
    """
    if revision.startswith("-"):
        raise GitError(f"{revision!r} is no revision")
    top = _git("rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
    if not is_revision(revision):
        raise GitError(f"Git knows no revision {revision!r} here")
    inside = ["--", *folders] if folders else []
    # From the top, so that both lists are relative to it whatever the user's settings for relative paths.
    differing = _git("diff", "--name-only", "-z", "--no-renames", "--no-relative", "--diff-filter=d", revision, *inside)
    new = _git("ls-files", "-z", "--others", "--exclude-standard", "--full-name", *(inside or ["--", top]))
    names = {each for part in (differing, new) for each in part.split(b"\0") if each}
    for each in sorted(names):
        full = os.path.join(top, os.fsdecode(each))  # noqa: PTH118
        if os.path.lexists(full):
            yield os.path.relpath(full)


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  # fixed arguments and checked revisions, no shell
            ("git", *arguments),  # noqa: S607  # whichever Git the user has
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise GitError("--changed needs Git, and there is no `git` to run") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"Git did not answer within {TIMEOUT} seconds") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise GitError(said.removeprefix("fatal: ") or f"git {arguments[0]} failed")
    return done.stdout
