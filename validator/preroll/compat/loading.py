"""
Loading: the documents that are compared, from files, folders, standard input, revisions, and the package.
"""

from __future__ import annotations

import os
import subprocess
from typing import IO

from preroll import source
from preroll.document import DocumentError
from preroll.registry import Registry
from preroll.target import Target

GIT_SECONDS = 20
"""How long Git may take to show a file."""


def loaded(name: str, stdin: IO[bytes]) -> Registry:
    """
    A registry of one document or one folder of documents, without the bundled ones.

    Args:
        name: a path, `-`, or `git:REV:PATH` (a path from the root of the repository, or `./` from here).
        stdin: where `-` is read from.

    Raises:
        DocumentError: it is no document.
        Unreadable: it cannot be read.
    """
    if os.path.isdir(name):  # noqa: PTH112  # pathlib costs start-up
        found = Registry.load(name, bundled=False)
        if not found.targets:
            raise DocumentError(name, "", "there is no document in this folder", "name the document itself")
        return found
    return registry_of(content(name, stdin), name)


def content(name: str, stdin: IO[bytes]) -> bytes:
    """
    The bytes of one document; see `loaded`.

    Raises:
        DocumentError: Git has no such file.
        Unreadable: it cannot be read.
    """
    if name == "-":
        return stdin.read(source.MAX_BYTES + 1)
    if name.startswith("git:") and not os.path.exists(name):  # noqa: PTH110  # as above
        return _revision(name)
    return source.read_file(name)


def registry_of(raw: bytes, name: str) -> Registry:
    """
    A registry of one document's bytes.

    Raises:
        DocumentError, Unreadable: see `loaded`.
    """
    shown = "<stdin>" if name == "-" else name
    ending = suffix(raw, name)
    if ending in (".yaml", ".yml"):
        return Registry.of(source.read_yaml(raw, shown, keys_as_text=True), name)
    return Registry.of((source.read_jsonc if ending == ".jsonc" else source.read_json)(raw, shown), name)


def suffix(raw: bytes, name: str) -> str:
    """The ending of a document's file, by its name or by what it looks like."""
    ending = os.path.splitext(name)[1].lower()  # noqa: PTH122  # as above
    if ending in (".json", ".yaml", ".yml", ".jsonc"):
        return ending
    return ".json" if raw.lstrip()[:1] in (b"{", b"[") else ".yaml"


def _revision(name: str) -> bytes:
    """The bytes of a file in a revision; only Git's own object database is read, and no hook or filter runs."""
    revision, colon, path = name.removeprefix("git:").partition(":")
    if not colon or not revision or not path or revision.startswith("-"):
        raise DocumentError(name, "", "this is not git:REV:PATH", "write git:HEAD:schemas/document.json")
    try:
        shown = subprocess.run(  # noqa: S603  # a fixed program, and arguments that cannot be options
            ["git", "cat-file", "blob", f"{revision}:{path}"],  # noqa: S607  # as found on the user's own path
            capture_output=True,
            check=False,
            timeout=GIT_SECONDS,
        )
    except FileNotFoundError:
        raise DocumentError(name, "", "Git is not installed", "give the document as a file") from None
    except subprocess.TimeoutExpired:
        raise DocumentError(name, "", "Git took too long", "give the document as a file") from None
    if shown.returncode:
        problem = shown.stderr.decode("utf-8", "replace").strip().splitlines() or ["Git found nothing"]
        told = problem[-1].removeprefix("fatal: ").rstrip(".")
        raise DocumentError(name, "", told, "check the revision and the path")
    return shown.stdout


def bundled_beside(new: Registry) -> Registry:
    """
    The bundled documents that describe targets of another registry, and nothing else.

    Raises:
        DocumentError: none does.
    """
    found = beside(Registry.bundled(), new)
    if found is None:
        vendors = {each.vendor for each in new.targets.values()}
        known = {name: each for name, each in Registry.bundled().targets.items() if each.vendor in vendors}
        found = _only(Registry.bundled(), known) if known else None
    if found is None:
        wanted = ", ".join(sorted(new.targets)[:3]) or "its targets"
        raise DocumentError("--bundled", "", f"no bundled document describes {wanted}", "give OLD and NEW")
    return found


def in_use(new: Registry, folder: str | os.PathLike[str]) -> Registry | None:
    """The documents that describe targets of another registry: those of a folder, else the bundled ones."""
    base = Registry.load(folder) if os.path.isdir(folder) else Registry.bundled()  # noqa: PTH112  # as above
    return beside(base, new)


def beside(base: Registry, new: Registry) -> Registry | None:
    """What a registry has of the documents that describe targets of another one; None where it has nothing."""
    names = {each.name for each in new.targets.values() if not each.companion}
    documents = {each.document for each in base.targets.values() if each.name in names}
    kept = {
        name: each
        for name, each in base.targets.items()
        # A companion is described by every document of its vendor, and listed with one of them.
        if each.document in documents or (each.companion and documents and name in new.targets)
    }
    return _only(base, kept) if kept else None


def _only(base: Registry, kept: dict[str, Target]) -> Registry:
    sources = {each.document: base.source(each) for each in kept.values()}
    rules = {name: tuple(rule.id for rule in base.rules(each)) for name, each in kept.items()}
    return Registry(kept, sources, base.vendors, rules, base.stale_rules)
