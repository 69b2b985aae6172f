"""The other system: notes every call and every event that arrives, and now and then has the caller killed before it
answers."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

CALLS, EVENTS = "/orders", "/events"
"""Where service tasks call, and where the events of a webhook arrive."""


@dataclass(frozen=True)
class Arrival:
    """An event as it came: the id of its delivery, and the whole of it."""

    id: str
    event: Any


class Receiver:
    """``calls`` counts by idempotency key, ``arrivals`` are events in the order in which they came.

    ``in_call`` and ``in_delivery`` are asked in the middle of each. ``secret`` is that of the webhook; ``unsigned``
    says what arrived without its signature, ``torn`` how many requests have not come to their end.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.orders: dict[str, set[int]] = {}
        self.arrivals: list[Arrival] = []
        self.unsigned: list[str] = []
        self.torn = 0
        self.secret = ""
        self.in_call: Callable[[], None] = lambda: None
        self.in_delivery: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def note(self, key: str, order: int) -> int:
        """Note a call; returns how often it has come under this key."""
        with self._lock:
            self.calls[key] += 1
            self.orders.setdefault(key, set()).add(order)
            return self.calls[key]

    def take(self, body: bytes, headers: dict[str, str]) -> None:
        """Note an event that has arrived; one that is not signed with the secret is told."""
        try:
            event = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError as error:
            self.unsigned.append(f"{error}: {len(body)} bytes, {headers}")
            return
        with self._lock:
            self.arrivals.append(Arrival(headers["webhook-id"], event))


@contextmanager
def receiving() -> Iterator[tuple[Receiver, str]]:
    """A receiver on loopback, and its address, to which `CALLS` or `EVENTS` is added."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            expected = int(self.headers["Content-Length"])
            body = self.rfile.read(expected)
            if len(body) < expected:  # who sent it was killed while sending
                receiver.torn += 1
                self.close_connection = True
                return
            if self.path == EVENTS:
                receiver.take(body, {name.lower(): value for name, value in self.headers.items()})
                receiver.in_delivery()
                self._answer(b"")
                return
            key, order = self.headers["Idempotency-Key"], json.loads(body)["order"]
            receiver.note(key, order)
            receiver.in_call()
            self._answer(json.dumps({"key": key, "order": order}).encode())

        def _answer(self, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # the caller was killed
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
