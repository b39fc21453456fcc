"""
The two vendors' services, simulated by a real HTTP server on the loopback interface.

`Simulator(view=..., switch=...)` listens on a free port, answers like both vendors, and keeps what it was asked.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tests.contract.simulator import documents, labels, wording
from tests.contract.simulator.documents import INTENDED, VIEWS
from tests.contract.simulator.judge import Judge
from tests.contract.simulator.schema import read
from tests.contract.simulator.switches import SWITCHES, Reply

KEY = "key_simulated_0123456789abcdef0123456789abcdef"
"""The key that is taken unless another is asked for; it opens nothing."""

PER_SECOND = {documents.KLING: "0.14", documents.RAY: "0.06", documents.OVI: "0.03", documents.WAN: "0.10"}
"""US dollars for a second of video; the amounts are made up."""


UNREADABLE = object()
"""The body of a request that is no JSON."""


@dataclass
class Request:
    """
    One request as it came in.

    Attributes:
        method, path, headers, body: what was sent; header names in lower case.
        json: the body, read; `UNREADABLE` where it is no JSON.
        started, ended: seconds of a clock that only runs forwards.
        beside: how many other requests waited for their answers when it came.
        reply: what was answered.
        honest: whether the service itself, without a switch, would have taken it; None where it never judged it.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    json: Any = UNREADABLE
    started: float = 0.0
    ended: float = 0.0
    beside: int = 0
    reply: Reply | None = None
    honest: bool | None = None

    @property
    def dry(self) -> bool:
        """Whether it asks for a price and not for a run."""
        return self.headers.get("x-runware-dry-run") == "1"

    @property
    def to_runware(self) -> bool:
        """Whether it goes to the endpoint of tasks."""
        return self.path.rstrip("/") == "/v1"

    @property
    def tasks(self) -> list[Any]:
        """The tasks of the body, without any that opens the connection."""
        body = [self.json] if isinstance(self.json, dict) else self.json
        tasks = body if isinstance(body, list) else []
        return [each for each in tasks if not (isinstance(each, dict) and each.get("taskType") == "authentication")]


@dataclass
class Simulator:
    """
    Both services; a context manager that starts and stops them.

    Attributes:
        view: by which meaning of the documents requests are judged: `intended` or `published`.
        switch: a name of `SWITCHES`, or "" for a service that behaves.
        key: the only key that is taken; None takes any, as a mock does.
        today: the day of the service.
        port: where to listen; 0 is any free port.
        options: of the switch: `seconds`, `times`, `size`, `nth`.
        requests: what came in, in order.
        started: identifiers of the tasks that run, and cost.
        cancelled: those that were cancelled.
    """

    view: str = INTENDED
    switch: str = ""
    key: str | None = KEY
    today: date | None = None
    port: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise ValueError(f"no view is called {self.view!r}; there are {', '.join(VIEWS)}")
        if self.switch and self.switch not in SWITCHES:
            raise ValueError(f"no switch is called {self.switch!r}; there are {', '.join(SWITCHES)}")
        self._judge = Judge(self.view, self.today)
        self._lock = threading.Lock()
        self._under_way = 0
        self._closing = threading.Event()

    # --- listening ---

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait(self, seconds: float) -> None:
        """Sleep, but not beyond the end of the service."""
        self._closing.wait(seconds)

    @contextmanager
    def under_way(self, request: Request) -> Iterator[None]:
        """Count a request among those that are being answered."""
        with self._lock:
            request.beside = self._under_way
            self._under_way += 1
            request.started = time.monotonic()
            self.requests.append(request)
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                request.ended = time.monotonic()

    # --- answering ---

    def answer(self, request: Request) -> Reply:
        """What is answered, with the switch."""
        try:
            request.json = read(request.body) if request.body else UNREADABLE
        except (ValueError, RecursionError):
            request.json = UNREADABLE
        request.reply = SWITCHES[self.switch].answer(self, request) if self.switch else self.honest(request)
        return request.reply

    def honest(self, request: Request) -> Reply:
        """What a service that behaves would answer."""
        return self.refusal(request) or self.take(request)

    def refusal(self, request: Request) -> Reply | None:
        """Why a request is refused; None for one that is taken, and then nothing has happened yet."""
        if self._refuses_key(request):
            return wrong_key(request)
        if request.to_runware and request.method == "POST":
            return self._refuses_tasks(request)
        return self._refuses_operation(request)

    def _refuses_key(self, request: Request) -> bool:
        if self.key is None:
            return False
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if request.to_runware and not given and isinstance(request.json, list) and request.json:
            first = request.json[0]
            if isinstance(first, dict) and first.get("taskType") == "authentication":
                given = str(first.get("apiKey", ""))
        return given != self.key

    def _refuses_tasks(self, request: Request) -> Reply | None:
        body = request.json
        if body is UNREADABLE:
            error = {"code": "invalidJSON", "message": "The request body is not valid JSON."}
            return Reply.of(400, {"data": [], "errors": [error]})
        labelled = labels.answer("runware", "/v1", body) if self.view == INTENDED else None
        found = [] if labelled else self._judge.runware(body)
        request.honest = not labelled and not found
        return None if request.honest else Reply.of(400, labelled or wording.runware(found, body))

    def _refuses_operation(self, request: Request) -> Reply | None:
        if request.headers.get("x-runway-version") != documents.VERSION:
            text = "The API version that was provided in the X-Runway-Version header is not valid."
            return Reply.of(400, {"error": text, "docUrl": wording.DOCS})
        task = _task_of(request)
        if task:
            gone = task not in self.started or task in self.cancelled
            return Reply.of(404, {"error": "Not found"}) if gone else None
        if (request.method, request.path) not in documents.runwayml():
            return Reply.of(404, {"error": "Not found"})
        if request.method != "POST":
            return None
        if request.json is UNREADABLE:
            return Reply.of(400, {"error": "The request body is not valid JSON.", "docUrl": wording.DOCS})
        labelled = labels.answer("runwayml", request.path, request.json) if self.view == INTENDED else None
        found = [] if labelled else self._judge.runwayml(request.path, request.json)
        request.honest = not labelled and not found
        return None if request.honest else Reply.of(400, labelled or wording.runwayml(found, request.json))

    def take(self, request: Request) -> Reply:
        """Do what is asked, judged or not."""
        if request.to_runware:
            return self.priced(request) if request.dry else self.run(request)
        task = _task_of(request)
        if task and request.method == "DELETE":
            self.cancelled.append(task)
            return Reply(204, {}, b"")
        if task:
            return Reply.of(200, {"id": task, "createdAt": "2025-06-15T12:00:00.000Z", "status": "PENDING"})
        if request.method == "GET":
            tier = {"maxMonthlyCreditSpend": 0, "models": {}}
            return Reply.of(200, {"tier": tier, "creditBalance": 0, "usage": {"models": {}}})
        return self.run(request)

    def priced(self, request: Request) -> Reply:
        """What the tasks would cost; nothing runs."""
        data = [{"taskType": each.get("taskType"), "cost": cost(each)} for each in request.tasks]
        return Reply.of(200, {"data": data})

    def run(self, request: Request) -> Reply:
        """Start whatever was asked for, judged or not; it costs money."""
        if request.to_runware:
            data = [
                {key: each[key] for key in ("taskType", "taskUUID") if key in each}
                for each in request.tasks
                if isinstance(each, dict)
            ]
            self.started += [str(each["taskUUID"]) for each in data if "taskUUID" in each]
            return Reply.of(200, {"data": data})
        if request.path == "/v1/organization/usage":
            return Reply.of(200, {"results": [], "models": []})
        if request.path == "/v1/uploads":
            host = "https://uploads.example.com"
            return Reply.of(
                200, {"uploadUrl": f"{host}/put", "fields": {"key": "upload"}, "runwayUri": "runway://upload"}
            )
        task = str(uuid.uuid5(uuid.NAMESPACE_URL, f"task {len(self.started)}"))
        task = f"{task[:14]}4{task[15:]}"  # made the same way each time, and a version 4 to look at
        self.started.append(task)
        return Reply.of(200, {"id": task})


def _task_of(request: Request) -> str:
    """The task that a path names, or ""."""
    found = re.fullmatch(r"/v1/tasks/([^/]+)", request.path)
    return found[1] if found and request.method in ("GET", "DELETE") else ""


def cost(task: dict[str, Any]) -> float:
    """The price of a task."""
    each = Decimal(PER_SECOND.get(task.get("model", ""), "0.10"))
    seconds, results = task.get("duration", 5), task.get("numberResults", 1)
    known = isinstance(seconds, (int, Decimal)) and isinstance(
        results, int
    )  # a task taken by mistake may hold anything
    return float(each * (seconds * results if known else 1))


def wrong_key(request: Request) -> Reply:
    """The refusal of a key."""
    if not request.to_runware:
        return Reply.of(401, {"error": "The API key that was provided is not valid.", "docUrl": wording.DOCS})
    text = "Invalid API key. Get one at https://my.runware.ai/signup"
    error = {"code": "invalidApiKey", "message": text, "parameter": "apiKey", "taskType": "authentication"}
    return Reply.of(401, {"data": [], "errors": [error]})


def _handler(service: Simulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _serve(self) -> None:
            length = int(self.headers.get("content-length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self.rfile.read(length))
            with service.under_way(request):
                reply = service.answer(request)
                service.wait(reply.delay)
            # A client may go on as soon as it has the last byte, which is before this thread knows that it was sent.
            try:
                self._send(reply)
            except OSError:
                self.close_connection = True  # the client has seen enough

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            size = len(reply.body) * reply.repeat
            if reply.status != 204:
                self.send_header("content-length", str(size))
            self.end_headers()
            if reply.cut is not None:
                self.wfile.write(reply.body[: reply.cut])
                self.close_connection = True
                return
            for _ in range(reply.repeat):
                self.wfile.write(reply.body)

        do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve  # noqa: N815 - the names are http.server's

        def log_message(self, *_: Any) -> None:
            """Keep quiet; `requests` holds what came in."""

    return Handler
