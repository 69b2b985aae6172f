"""The other system: notes every call that arrives, and now and then has the caller killed before it answers."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """``calls`` counts by idempotency key. ``in_call`` is asked in the middle of each call."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.orders: dict[str, set[int]] = {}
        self.in_call: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def note(self, key: str, order: int) -> int:
        """Note a call; returns how often it has come under this key."""
        with self._lock:
            self.calls[key] += 1
            self.orders.setdefault(key, set()).add(order)
            return self.calls[key]


@contextmanager
def receiving() -> Iterator[tuple[Receiver, str]]:
    """A receiver on loopback, and its address."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            key = self.headers["Idempotency-Key"]
            receiver.note(key, body["order"])
            receiver.in_call()
            self._answer(json.dumps({"key": key, "order": body["order"]}).encode())

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
        yield receiver, f"http://127.0.0.1:{server.server_port}/orders"
    finally:
        server.shutdown()
        server.server_close()
