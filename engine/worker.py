"""The worker: a thread that lets happen what is due by itself.

It fires timers, asks conditions that start processes, delivers messages that were left, and clears away old ones.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from engine.engine import Engine

log = structlog.get_logger(__name__)

TIDY_EVERY = 60.0
"""Seconds between two looks for messages whose time is over."""


class Worker:
    """Looks for what is due every ``interval`` seconds, and at once again while there are more."""

    def __init__(self, engine: Engine, interval: float = 1.0) -> None:
        self._engine = engine
        self._interval = interval
        self._stop = threading.Event()
        self._tidy_at = 0.0
        self._thread = threading.Thread(target=self._run, name="planflow-worker", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done, then end. What is due waits for the next worker."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._work():
                self._stop.wait(self._interval)

    def _work(self) -> int:
        done = self._attempt(self._engine.fire_due_timers) + self._attempt(self._engine.deliver_messages)
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_EVERY
            self._attempt(self._engine.forget_expired_messages)
        return done

    @staticmethod
    def _attempt(work: Callable[[], int]) -> int:
        try:
            return work()
        except Exception:  # the database may be away for a while; the worker must outlive that
            log.exception("the worker could not look for what is due")
            return 0
