"""What people do all day: they start, look into their inbox, open a task, complete it, and read the history."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from benchmarks.filling.company import Cast, cast
from benchmarks.loading.timing import Timings
from engine import Database
from plans.organisation import tokens

SEEN = 20
"""Tasks in a page of the inbox. Everybody has as many before anything is measured, so that all pages are alike."""
PATIENCE = 60.0
TEXT = "A few words about it " * 5
WAYS: Sequence[tuple[dict[str, Any], str | None]] = (({"text": TEXT}, None), ({}, "pass"), ({}, "approve"))
"""What is said when a request is written, checked and approved: variables and outcome."""


class Refused(RuntimeError):
    """An answer that this work must never get."""


class Circle:
    """Somebody who writes requests, somebody who checks, and a superior; they work on one request after the other."""

    def __init__(self, addresses: Sequence[str], bearers: Sequence[str], timings: Timings, seed: int) -> None:
        self._timings = timings
        self._number = itertools.count(seed * 1_000_000)
        self._people = [
            httpx.Client(
                base_url=f"{addresses[place % len(addresses)]}/api/v1",
                headers={"Authorization": f"Bearer {bearer}"},
                timeout=PATIENCE,
            )
            for place, bearer in enumerate(bearers, start=seed)
        ]

    def prime(self, steps: int) -> None:
        """Start a request and take so many steps with it. Nothing is timed."""
        silent, self._timings = self._timings, Timings()
        task = self._started()["task_ids"][0]
        for person, (variables, outcome) in list(zip(self._people, WAYS, strict=True))[:steps]:
            task = self._completed(person, task, variables, outcome)["task_ids"][0]
        self._timings = silent

    def work(self) -> None:
        """One request from its start to its end, and a look back at one of those before."""
        started = self._started()
        task = started["task_ids"][0]
        for person, (variables, outcome) in zip(self._people, WAYS, strict=True):
            self._get("inbox", person, "/tasks", mine="true", limit=SEEN)
            self._get("open task", person, f"/tasks/{task}")
            opened = self._completed(person, task, variables, outcome)["task_ids"]
            task = opened[0] if opened else ""
        self._get("history", self._people[0], f"/instances/{started['instance_id']}/history")
        before = self._get("instances", self._people[0], "/instances", mine="true", limit=SEEN)["items"]
        self._get("history", self._people[0], f"/instances/{before[-1]['id']}/history")

    def close(self) -> None:
        """Give the connections back."""
        for person in self._people:
            person.close()

    def _started(self) -> Any:
        number = next(self._number)
        variables = {"subject": f"Subject {number}", "amount": number % 5000, "share": 4}
        body = {"variables": variables, "business_key": f"load-{number}"}
        return self._said("start", self._people[0], "POST", "/processes/request/instances", json=body)

    def _completed(self, person: httpx.Client, task: str, variables: Any, outcome: str | None) -> Any:
        body = {"variables": variables, "outcome": outcome}
        return self._said("complete", person, "POST", f"/tasks/{task}/complete", json=body)

    def _get(self, operation: str, person: httpx.Client, path: str, **query: Any) -> Any:
        return self._said(operation, person, "GET", path, params=query)

    def _said(self, operation: str, person: httpx.Client, method: str, path: str, **content: Any) -> Any:
        answer = self._timings.timed(operation, lambda: person.request(method, path, **content))
        if answer.status_code >= 300:
            raise Refused(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return answer.json()


def casts(circles: int) -> list[Cast]:
    """The people of each circle, nobody in two of them."""
    return [cast(number) for number in range(circles)]


def bearers(database: Database, circles: int) -> list[list[str]]:
    """A token for each of the people of each circle."""
    with database.write() as session:
        now = datetime.now(UTC)
        return [
            [tokens.create_token(session, name, now=now, label="load") for name in vars(each).values()]
            for each in casts(circles)
        ]


def prime(circles: Sequence[Circle], tasks: int = SEEN) -> None:
    """Give everybody so many tasks: a page of them."""
    for circle in circles:
        for steps in range(len(WAYS)):
            for _ in range(tasks):
                circle.prime(steps)


@contextmanager
def circles(
    addresses: Sequence[str], found: Sequence[Sequence[str]], timings: Timings, seed: int
) -> Iterator[list[Circle]]:
    """The circles, spread over the servers."""
    made = [Circle(addresses, each, timings, seed + place) for place, each in enumerate(found)]
    try:
        yield made
    finally:
        for circle in made:
            circle.close()


def work(made: Sequence[Circle], seconds: float, timings: Timings) -> None:
    """Let all circles work at once for so many seconds; each ends the request that it is at."""
    begun = time.monotonic()
    troubles: list[Exception] = []
    threads = [
        threading.Thread(target=_work_until, args=(circle.work, begun + seconds, troubles)) for circle in made
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    timings.worked += time.monotonic() - begun
    if troubles:
        raise troubles[0]


def _work_until(once: Callable[[], None], end: float, troubles: list[Exception]) -> None:
    try:
        once()
        while time.monotonic() < end and not troubles:
            once()
    except Exception as error:  # told by the thread that waits for this one
        troubles.append(error)
