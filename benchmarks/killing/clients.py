"""The people: they start orders and do their tasks over HTTP, and repeat what was not answered under the same key."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

RETRIED = frozenset({502, 503, 504})
PAUSE = 0.03


class Refused(RuntimeError):
    """An answer that a client who repeats under a key must never get."""


class Ledger:
    """What was acknowledged, and how often something had to be said again."""

    def __init__(self) -> None:
        self.started: dict[int, str] = {}
        self.completed: dict[str, str] = {}
        self.answers: Counter[str] = Counter()
        self.troubles: list[str] = []
        self._lock = threading.Lock()
        self._order = 0

    def next_order(self) -> int:
        """A number that no order has yet."""
        with self._lock:
            self._order += 1
            return self._order

    def count(self, answer: str) -> None:
        """One more of these."""
        with self._lock:
            self.answers[answer] += 1


class Client:
    """Asks with patience: no answer, or one that says “busy”, is asked again, with the same key."""

    def __init__(self, address: str, bearer: str, ledger: Ledger) -> None:
        self._http = httpx.Client(
            base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {bearer}"}, timeout=20
        )
        self._ledger = ledger

    def give(self, path: str, body: dict[str, Any]) -> Any:
        """A command, done once however often it is said."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})

    def get(self, path: str, **query: str) -> Any:
        """A question."""
        return self._ask("GET", path, params=query)

    def _ask(self, method: str, path: str, **content: Any) -> Any:
        while True:
            try:
                answer = self._http.request(method, path, **content)
            except httpx.TransportError:
                self._ledger.count("no answer")
                time.sleep(PAUSE)
                continue
            if answer.status_code in RETRIED:
                self._ledger.count(str(answer.status_code))
                time.sleep(PAUSE)
                continue
            if answer.status_code >= 400:
                raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
            if answer.headers.get("Idempotency-Replayed"):
                self._ledger.count("replayed")
            return answer.json()

    def close(self) -> None:
        """Give the connection back."""
        self._http.close()


def order_and_go_on(client: Client, ledger: Ledger, url: str) -> None:
    """Start an order and do its tasks until it is over."""
    order = ledger.next_order()
    started = client.give(
        "/processes/order/instances", {"variables": {"order": order, "turn": 0, "url": url}}
    )
    ledger.started[order] = started["instance_id"]
    turns = 0
    while client.get(f"/instances/{started['instance_id']}")["status"] == "active":
        for task in client.get("/tasks", mine="true", instance_id=started["instance_id"])["items"]:
            turns += task["element"] == "draft"
            _complete(client, ledger, task, {"turn": turns} if task["element"] == "draft" else {})
        time.sleep(PAUSE)


def pack(client: Client, ledger: Ledger) -> None:
    """Do the tasks of deliveries, which orders have started by a message."""
    for task in client.get("/tasks", mine="true", process_key="delivery")["items"]:
        _complete(client, ledger, task, {})
    time.sleep(PAUSE)


def _complete(client: Client, ledger: Ledger, task: dict[str, Any], variables: dict[str, Any]) -> None:
    client.give(f"/tasks/{task['id']}/complete", {"variables": variables})
    ledger.completed[task["id"]] = task["element"]


def repeated(work: Callable[[], None], until: Callable[[], bool], ledger: Ledger) -> threading.Thread:
    """A thread that does this again and again, and notes what went wrong."""

    def run() -> None:
        try:
            while not until():
                work()
        except Exception as error:
            ledger.troubles.append(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread
