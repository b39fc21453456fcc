"""
Walking folders: which files in them may hold jobs, in a fixed order.

`.gitignore` is heeded with and without Git (docs/decisions/0005-ignored-files.md). Links to folders are not
followed, so there are no loops.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from preroll.jobs.files import STDIN, File, filesystem, is_url, known, named
from preroll.settings import NONE, matches
from preroll.unreadable import Unreadable

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NEVER: Final = frozenset((".git", ".hg", ".svn", ".venv", "__pycache__", "node_modules"))
"""Folders that are not looked into unless they are named themselves."""

IGNORED: Final = "ignored by Git"

MANY: Final = 1_000
"""Names of what is left out that are kept."""

SETTINGS: Final = frozenset((".pre-commit-config.yaml",))


@dataclass(slots=True)
class Walk:
    """
    The files behind some names.

    Attributes:
        include: globs of the files in folders to take; all that may hold jobs where there are none.
        exclude: globs of the files and folders to leave out.
        fits: says whether a glob names a path (`Settings.fits`).
        faults: names that lead nowhere, gathered on the way.
        skipped: what was passed over, with the reason.
        left: what the user has left out himself, by globs or `.gitignore`, with the reason; the first `MANY` of them.
        out: how many these are, by reason; a folder counts once.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    fits: Callable[[str, str], bool] = NONE.fits
    faults: list[Unreadable] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    out: dict[str, int] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set, repr=False)

    def files(self, names: Iterable[str]) -> Iterator[File]:
        """The files, each once, in the order of the names and by name within a folder."""
        seen: set[str] = set()
        for name in names:
            for file in self._named(name):
                key = file.name if file.remote or file.name == STDIN else os.path.normpath(file.name)
                if key not in seen:
                    seen.add(key)
                    yield file

    def _named(self, name: str) -> Iterator[File]:
        if name == STDIN:
            yield named(name)
        elif is_url(name):
            yield from self._remote(name)
        elif os.path.isdir(name):  # noqa: PTH112  # as it was given, bytes and all
            yield from self._folder(name, _above(name))
        else:
            yield named(name)

    def _remote(self, url: str) -> Iterator[File]:
        try:
            system, path = filesystem(url)
            # An address may hold a glob's marks, and so may a file's name.
            several = any(each in path for each in "*?[") and not system.isfile(path)
            if not several and not system.isdir(path):
                yield named(url)
                return
            listed = sorted(map(str, system.glob(path) if several else system.find(path)))
        except Unreadable as fault:
            self.faults.append(fault)
            return
        except Exception as error:  # noqa: BLE001  # every file system raises errors of its own
            problem = " ".join(str(error).split())[:200] or type(error).__name__
            self.faults.append(Unreadable(url, None, None, f"it cannot be listed: {problem}", "check the URL"))
            return
        if several and not listed:
            self.faults.append(Unreadable(url, None, None, "no file has such a name", "check the URL"))
        folder = re.split(r"[*?\[]", path)[0].rpartition("/")[0] if several else path.rstrip("/")
        # Globs are relative to the folder that is listed, or are URLs themselves.
        there = replace(self, fits=lambda name, glob: matches(name, glob) or self.fits(folder_url + name, glob))
        folder_url = system.unstrip_protocol(folder).rstrip("/") + "/"
        for each in listed:
            full = system.unstrip_protocol(each)
            if there.wanted(full.removeprefix(folder_url)):
                yield named(full)

    def wanted(self, name: str) -> bool:
        """
        Whether a file that nobody named by itself is taken: it may hold jobs, and the globs leave it in.

        A folder that is left out takes everything in it along.
        """
        parts = name.replace(os.sep, "/").split("/")
        folders = ("/".join(parts[:length]) for length in range(1, len(parts)) if parts[length - 1] not in ("", ".."))
        return not any(self._excluded(each) for each in folders) and self._taken(name)

    def _excluded(self, path: str) -> bool:
        fitting = any(self.fits(path, each) for each in self.exclude)
        if fitting:
            self._leave(path, "excluded")
        return fitting

    def _taken(self, path: str) -> bool:
        """Whether a file in a folder that is looked into is taken."""
        fitting = [each for each in self.include if self.fits(path, each)]
        job = known(path) is not None and path.rpartition("/")[2] not in SETTINGS
        # Who writes an ending into a glob wants it, whatever it is: such files are read as JSON.
        if not job and not any(_names_ending(each, path) for each in fitting):
            return False
        if self.include and not fitting:
            self._leave(path, "not included")
            return False
        return not self._excluded(path)

    def _leave(self, path: str, reason: str) -> None:
        if (path, reason) in self._told:
            return  # a folder, for another file in it
        if len(self._told) < MANY * MANY:
            self._told.add((path, reason))
        self.out[reason] = self.out.get(reason, 0) + 1
        if len(self.left) < MANY:
            self.left.append((File(path, "").shown, reason))

    def _folder(self, folder: str, ignored: tuple[Ignored, ...]) -> Iterator[File]:
        own = Ignored.of(folder)
        if own is not None:
            ignored = (*ignored, own)
        try:
            with os.scandir(folder) as entries:
                listed = sorted(entries, key=lambda each: each.name)
        except OSError as error:
            problem = f"the folder cannot be read: {(error.strerror or 'unknown reason').lower()}"
            self.faults.append(Unreadable(File(folder, "").shown, None, None, problem, "check its permissions"))
            return
        for each in listed:
            path = each.path.removeprefix("./")
            try:
                is_folder = each.is_dir()
                linked = is_folder and each.is_symlink()
            except OSError:
                is_folder = linked = False
            if is_folder:
                if each.name in NEVER or self._excluded(path):
                    continue
                if _is_ignored(ignored, each.path, folder=True):
                    self._leave(path, IGNORED)
                    continue
                if linked:
                    self.skipped.append((File(path, "").shown, "a link to a folder; name it to look into it"))
                    continue
                yield from self._folder(each.path, ignored)
                continue
            if not self._taken(path):
                continue
            if _is_ignored(ignored, each.path, folder=False):
                self._leave(path, IGNORED)
                continue
            if not each.is_symlink() and not each.is_file():  # a link that leads nowhere is told when it is read
                self.skipped.append((File(path, "").shown, "a pipe, a socket or a device"))
                continue
            yield named(path)


def _names_ending(glob: str, path: str) -> bool:
    """Whether a glob that fits a file says in plain text how its name ends."""
    last, name = glob.rpartition("/")[2], path.rpartition("/")[2]
    dot = last.rfind(".")
    ending = last[max(dot, 0) :]
    return bool(ending) and not any(each in ending for each in "*?[") and name[-len(ending) :] == ending


@dataclass(frozen=True, slots=True)
class Ignored:
    """The `.gitignore` of one folder."""

    folder: str
    patterns: GitIgnoreSpec

    @classmethod
    def of(cls, folder: str, name: str = ".gitignore") -> Ignored | None:
        """What a folder's file says; None where there is none."""
        try:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:  # noqa: PTH118, PTH123
                lines = file.read().splitlines()
        except (OSError, ValueError):
            return None
        from pathspec import GitIgnoreSpec

        return cls(os.path.abspath(folder), GitIgnoreSpec.from_lines(lines))  # noqa: PTH100  # links stay as they are

    def says(self, path: str, *, folder: bool) -> bool | None:
        """Whether a path below the folder is ignored; None where nothing is said of it."""
        below = os.path.relpath(path, self.folder).replace(os.sep, "/")
        return self.patterns.check_file(below + "/" if folder else below).include


def _above(folder: str) -> tuple[Ignored, ...]:
    """The `.gitignore`s between a repository's root and a folder, the outermost first."""
    found: list[Ignored] = []
    here = Path(folder).absolute()
    for each in here.parents if not (here / ".git").exists() else ():
        own = Ignored.of(str(each))
        found += [own] if own is not None else []
        if (each / ".git").exists():
            return tuple(reversed(found))
    return ()


def _is_ignored(ignored: tuple[Ignored, ...], path: str, *, folder: bool) -> bool:
    """What the innermost `.gitignore` says that says anything."""
    full = os.path.abspath(path)  # noqa: PTH100  # links stay as they are
    for each in reversed(ignored):
        said = each.says(full, folder=folder)
        if said is not None:
            return said
    return False
