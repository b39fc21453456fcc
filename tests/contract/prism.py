"""
Prism, a mock server that others have written, as a service that goes by the documents as published.

`make peers` installs it into `.peers/`; it needs node and npm. Prism validates with ajv, and departs from a document in
ways that are named below, each with what shows it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
VERSION = "5.14.2"
"""The last that runs on Node 20."""

CLI = ROOT / ".peers" / "node_modules" / "@stoplight" / "prism-cli"

NULL_BODY, ROUNDED = "null-body", "rounded-number"

DEVIATIONS: Mapping[str, str] = MappingProxyType(
    {
        NULL_BODY: "Prism takes a body of `null` for none at all, and no RunwayML operation says that it requires one.",
        ROUNDED: "Prism reads numbers with 53 bits: to it, 9223372036854776001 is 9223372036854776000.",
    }
)
"""Where Prism departs from the documents that it is given."""


def missing() -> str:
    """Why Prism cannot be run here, or ""."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (CLI / "package.json").is_file():
        return "Prism is not installed (make peers)"
    found = json.loads((CLI / "package.json").read_text(encoding="utf-8"))["version"]
    return "" if found == VERSION else f"Prism {found} is installed, not {VERSION} (make peers)"


def rounds(payload: Any) -> bool:
    """Whether a payload holds a number that Prism cannot tell from others."""
    if isinstance(payload, dict):
        return any(map(rounds, payload.values()))
    if isinstance(payload, list):
        return any(map(rounds, payload))
    return isinstance(payload, int) and not isinstance(payload, bool) and int(float(payload)) != payload


def prepared(document: Any) -> Any:
    """
    A document as Prism can serve it, of the same meaning for requests.

    A schema with an `$id` that stands twice cannot be compiled ("resolves to more than one schema"), and Prism then
    takes every request in silence, so repeats of an `$id` are left out; they are equal, and nothing refers to them. To
    a bad request Prism answers with an example of a documented refusal instead of saying what is wrong, so no refusals
    are documented. The path of `servers` it leaves out, so it is written before the paths.
    """
    base = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
    paths = {
        (base + path).rstrip("/"): {
            method: {
                **operation,
                "responses": {code: each for code, each in operation["responses"].items() if code.startswith("2")},
            }
            for method, operation in operations.items()
        }
        for path, operations in document["paths"].items()
    }
    seen: set[str] = set()

    def without_repeats(node: Any) -> Any:
        if isinstance(node, list):
            return [without_repeats(each) for each in node]
        if not isinstance(node, dict):
            return node
        name = node.get("$id")
        repeated = isinstance(name, str) and name in seen
        if isinstance(name, str):
            seen.add(name)
        return {key: without_repeats(each) for key, each in node.items() if not (repeated and key == "$id")}

    return without_repeats({**document, "paths": paths})


@contextmanager
def served(document: Path, folder: Path, *, as_it_is: bool = False) -> Iterator[str]:
    """
    Prism with a document on the loopback interface, as its address.

    Args:
        document: the published document.
        folder: where the prepared copy and the log are written.
        as_it_is: hand over the document itself, not the prepared copy.
    """
    text = document.read_text(encoding="utf-8")
    copy = folder / document.name
    copy.write_text(text if as_it_is else json.dumps(prepared(json.loads(text))), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        "node",
        str(CLI / "dist" / "index.js"),
        "mock",
        "-p",
        str(port),
        "-h",
        "127.0.0.1",
        "-v",
        "warn",
        str(copy),
    ]
    with (folder / f"{document.stem}.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "NO_COLOR": "1"})
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(running, url, folder / f"{document.stem}.log")
            yield url
        finally:
            running.terminate()
            running.wait(timeout=30)


def _wait(running: subprocess.Popen[bytes], url: str, log: Path) -> None:
    """Until it answers."""
    for _ in range(600):
        if running.poll() is not None:
            raise RuntimeError(f"Prism ended: {log.read_text(encoding='utf-8')}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            return  # any answer will do
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("Prism does not answer")
