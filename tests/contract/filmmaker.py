"""
A made-up vendor whose document and data have everything that a contract check looks at, and no name of a real one.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from preroll.envelope import Envelope, Service
from preroll.registry import Registry, Vendor
from preroll.rules import load_rules

TODAY = date(2025, 6, 15)
TARGET = "film-maker/films"
KEY = "fm_live_0123456789abcdef"
ID = "3f2b8c1e-9a4d-4e6f-8b7a-5c0d1e2f3a4b"

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Film Maker",
        "version": "3",
        "x-pricing": {"overview": "$0.50 for 5s, 10s cost twice as much.", "examples": [{"price": "$0.50"}]},
    },
    "servers": [{"url": "https://api.film-maker.example/v2"}],
    "security": [{"key": []}],
    "paths": {
        "/films": {
            "post": {
                "parameters": [
                    {"name": "X-Edition", "in": "header", "required": True, "schema": {"const": "3"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["ticket", "kind", "title"],
                                "additionalProperties": False,
                                "if": {"properties": {"grain": {"const": "coarse"}}, "required": ["grain"]},
                                "then": {"required": ["still"]},
                                "properties": {
                                    "ticket": {"type": "string", "format": "uuid"},
                                    "kind": {"const": "film"},
                                    "title": {
                                        "type": "string",
                                        "minLength": 1,
                                        "maxLength": 40,
                                        "description": "What is seen. Without names of people.",
                                    },
                                    "seconds": {"type": "integer", "minimum": 1, "maximum": 10, "default": 5},
                                    "copies": {"type": "integer", "minimum": 1, "maximum": 3, "default": 1},
                                    "still": {"type": "string", "pattern": "^https://", "minLength": 12},
                                    "bell": {"type": "string", "format": "uri", "pattern": "^https://"},
                                    "grain": {"enum": ["fine", "coarse"]},
                                },
                            }
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "taken",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["film"],
                                    "additionalProperties": False,
                                    "properties": {
                                        "film": {"type": "string"},
                                        "usd": {"type": "number"},
                                        "rehearsal": {"type": "boolean"},
                                        "reel": {"type": "string"},
                                    },
                                }
                            }
                        },
                    },
                    "400": {
                        "description": "refused",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["error"],
                                    "properties": {"error": {"type": "string"}, "issues": {"type": "array"}},
                                    "additionalProperties": False,
                                }
                            }
                        },
                    },
                },
            }
        },
        "/films/{film}": {
            "delete": {
                "parameters": [
                    {"name": "film", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
                    {"name": "X-Edition", "in": "header", "required": True, "schema": {"const": "3"}},
                ],
                "responses": {"204": {"description": "cancelled"}},
            }
        },
    },
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Film-Key"}}},
}

FACTS = Service(
    key="FILM_MAKER_KEY",
    client_ids=("ticket",),
    never=("bell",),
    dry_run=("X-Rehearsal", "yes"),
    marks=("/rehearsal",),
    ids=("/film",),
    costs=("/usd",),
    results=("/reel",),
    cancel="films/{film}",
)

RULES = {
    "vendor": "film-maker",
    "meanings": {"length": ["seconds"], "count": ["copies"]},
    "rules": [
        {
            "id": "coarse-copies",
            "targets": [TARGET],
            "quote": "What is seen.",
            "at": "/paths/~1films/post/requestBody/content/application~1json/schema/properties/title/description",
            "severity": "error",
            "kind": "forbids",
            "when": [{"place": "/grain", "is": "coarse"}],
            "refuse": [{"place": "/copies"}],
            "example": {"breaks": {"grain": "coarse", "copies": 1}, "keeps": {"grain": "coarse"}},
        }
    ],
}


def registry(document: Any = DOCUMENT, facts: Service | None = FACTS, rules: Any = RULES) -> Registry:
    """A registry that knows the vendor; without facts it is one that nobody has described."""
    if document is DOCUMENT and facts is FACTS and rules is RULES:
        return usual()
    return made(document, facts, rules)


def made(document: Any, facts: Service | None, rules: Any) -> Registry:
    """The same, made anew."""
    found = Registry.of(document, "film-maker.json")
    if facts is None:
        return found
    envelope = Envelope(vendor="film-maker", told_by=("kind",), service=facts)
    return found.extended({**found.vendors, "film-maker": Vendor(envelope, load_rules(rules))})


@functools.cache
def usual() -> Registry:
    """The one that most tests ask for: what is worked out of it is worked out once."""
    return made(DOCUMENT, FACTS, RULES)


def changed(**paths: Any) -> dict[str, Any]:
    """The document with other values at some places, named like `info__title`."""
    copy: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    for path, value in paths.items():
        holder: Any = copy
        *steps, last = path.split("__")
        for step in steps:
            holder = holder[step]
        if value is None:
            del holder[last]
        else:
            holder[last] = value
    return copy


Handler = Callable[[str, str, dict[str, str], Any], Any]


@contextmanager
def serving(answer: Handler) -> Iterator[tuple[str, list[tuple[str, str, dict[str, str], Any]]]]:
    """
    A server on this machine, and what it is asked.

    `answer` is given method, path, headers and body, and gives status and body; a body of bytes is no JSON, and a
    dict under "headers" in a 3-tuple is headers.
    """
    asked: list[tuple[str, str, dict[str, str], Any]] = []

    class Answering(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length)) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append((self.command, self.path, headers, body))
            answered: tuple[Any, ...] = answer(self.command, self.path, headers, body)
            status, given, more = answered[0], answered[1], answered[2:]
            raw = given if isinstance(given, bytes) else b"" if given is None else json.dumps(given).encode()
            self.send_response(status)
            sent = {"content-type": "application/json", **(more[0] if more else {})}
            for name, value in sent.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            with suppress(OSError):  # whoever has read enough hangs up
                self.wfile.write(raw)

        do_POST = do_DELETE = _answer  # noqa: N815  # the names that http.server asks for

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def refusing(_: str, __: str, ___: dict[str, str], ____: Any) -> tuple[int, Any]:
    """A service that refuses whatever it is asked, in few words."""
    return 400, {"error": "no"}
