"""The worker: threads that let happen what is due by itself.

One fires timers, asks conditions that start processes, delivers messages that were left, and clears away old ones. It
also leases the jobs that lie outside, such as calls of other systems, and gives each to a thread of its own, so that a
slow one holds up nothing else. Any number of workers may be at work on one database.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from engine.engine import LEASE, Engine
from engine.jobs import Job

log = structlog.get_logger(__name__)

TIDY_EVERY = 60.0
"""Seconds between two looks for messages whose time is over."""
PATIENCE = 30.0
"""Seconds that jobs in work have to come to their end when the worker stops."""


def worker_name() -> str:
    """A name for a worker, which tells the machine and the process."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


class Worker:
    """Looks for what is due every ``interval`` seconds, and at once again while there are more.

    ``at_once`` is how many jobs may lie outside at the same time, and ``lease`` how long each may take before it is
    given to somebody else.
    """

    def __init__(
        self, engine: Engine, interval: float = 1.0, at_once: int = 4, lease: timedelta = LEASE
    ) -> None:
        self.name = worker_name()
        self._engine = engine
        self._interval = interval
        self._at_once = at_once
        self._lease = lease
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._tidy_at = 0.0
        self._in_work: dict[tuple[int, int], tuple[Job, threading.Thread]] = {}
        self._thread = threading.Thread(target=self._run, name="planflow-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """Finish what is being done, then end. What is due waits for the next worker.

        A job that does not come to its end in so many seconds is given back.
        """
        self._stop.set()
        self._wake.set()
        until = time.monotonic() + patience
        if self._thread.is_alive():
            self._thread.join(timeout=patience)
        for leased, thread in list(self._in_work.values()):
            thread.join(timeout=max(until - time.monotonic(), 0))
            if thread.is_alive():
                self._attempt(partial(self._give_back, leased))

    def alive(self) -> bool:
        """Whether it goes on looking for what is due."""
        return self._thread.is_alive()

    def _give_back(self, leased: Job) -> int:
        log.warning("a job in work was given back", job=leased.id, kind=leased.kind)
        self._engine.give_back(leased)
        return 1

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            if not self._work():
                self._wake.wait(self._interval)

    def _work(self) -> int:
        done = self._attempt(self._engine.fire_due_timers) + self._attempt(self._engine.deliver_messages)
        done += self._attempt(self._lease_some)
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_EVERY
            self._attempt(self._engine.ensure_standing_jobs)
            self._attempt(self._engine.forget_expired_messages)
        return done

    # What lies outside

    def _lease_some(self) -> int:
        """Give threads what is due and lies outside, as far as there is room."""
        begun = 0
        while len(self._in_work) < self._at_once and not self._stop.is_set():
            leased = self._engine.lease_job(self.name, self._lease)
            if leased is None:
                break
            self._begin(leased)
            begun += 1
        return begun

    def _begin(self, leased: Job) -> None:
        thread = threading.Thread(
            target=self._do, args=(leased,), name=f"planflow-job-{leased.id}", daemon=True
        )
        self._in_work[leased.id, leased.lease] = leased, thread
        thread.start()

    def _do(self, leased: Job) -> None:
        try:
            self._attempt(partial(self._engine.work, leased))
        finally:
            self._in_work.pop((leased.id, leased.lease), None)
            self._wake.set()

    @staticmethod
    def _attempt(work: Callable[[], int]) -> int:
        try:
            return work()
        except Exception:  # the database may be away for a while; the worker must outlive that
            log.exception("the worker could not do what is due")
            return 0
