"""A real HTTP receiver on loopback, that tests tell what to answer."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    begun: float
    ended: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """What a receiver sees that checks the signature as Standard Webhooks says."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """``answers`` are given one after the other, the last for ever: status, headers, body, seconds.

    ``begun`` has a moment for each request that has come in whole, ``got`` each that was answered too.
    """

    url: str = ""
    got: list[Got] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], str, float]] = field(
        default_factory=lambda: [(204, {}, "", 0.0)]
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, status: int, body: str = "", seconds: float = 0.0, **headers: str) -> Receiver:
        """From now on."""
        self.answers = [(status, {k.replace("_", "-"): v for k, v in headers.items()}, body, seconds)]
        return self

    def then(self, status: int, body: str = "", seconds: float = 0.0) -> Receiver:
        """After what was said before, which is given once."""
        self.answers.append((status, {}, body, seconds))
        return self

    def next_answer(self) -> tuple[int, dict[str, str], str, float]:
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def types(self) -> list[str]:
        return [one.json["type"].removeprefix("org.planflow.") for one in self.got]


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            begun = time.monotonic()
            expected = int(self.headers.get("content-length", 0))
            body = self.rfile.read(expected)
            if len(body) < expected:  # who sent it was killed while sending: nothing has arrived
                return
            receiver.begun.append(begun)
            status, headers, text, seconds = receiver.next_answer()
            time.sleep(seconds)
            sent = {name.lower(): value for name, value in self.headers.items()}
            with receiver.lock:
                receiver.got.append(Got(self.path, sent, body, begun, time.monotonic()))
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())
            except OSError:  # nobody waits any more
                pass

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
