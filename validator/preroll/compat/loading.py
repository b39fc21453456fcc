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
    if name == "-":
        return _of(stdin.read(), "<stdin>")
    if name.startswith("git:") and not os.path.exists(name):  # noqa: PTH110  # pathlib costs start-up
        return _of(_revision(name), name)
    return Registry.load(name, bundled=False)


def _of(raw: bytes, name: str) -> Registry:
    text = raw.lstrip()
    yaml = not text.startswith((b"{", b"["))
    path = name.rpartition(":")[2] if not name.startswith("<") else ("document.yaml" if yaml else "document.json")
    return Registry.of(source.read_document(raw, path), name)


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
        raise DocumentError(name, "", problem[-1].removeprefix("fatal: "), "check the revision and the path")
    return shown.stdout


def bundled_beside(new: Registry) -> Registry:
    """The bundled documents that describe targets of another registry, and nothing else."""
    base = Registry.bundled()
    names = {each.name for each in new.targets.values() if not each.companion}
    documents = {each.document for each in base.targets.values() if each.name in names}
    if not documents:  # nothing has the same name: the documents of its vendors
        vendors = {each.vendor for each in new.targets.values()}
        documents = {each.document for each in base.targets.values() if each.vendor in vendors}
    if not documents:
        wanted = ", ".join(sorted(names)[:3]) or "its targets"
        raise DocumentError("--bundled", "", f"no bundled document describes {wanted}", "give OLD and NEW")
    kept: dict[str, Target] = {name: each for name, each in base.targets.items() if each.document in documents}
    sources = {each.document: base.source(each) for each in kept.values()}
    rules = {name: tuple(rule.id for rule in base.rules(each)) for name, each in kept.items()}
    return Registry(kept, sources, base.vendors, rules, base.stale_rules)
