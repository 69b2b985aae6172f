"""The dispatcher: a thread that gives numbers of due jobs to the broker, and does what is done once somewhere.

Every `planflow worker --celery`, and every server that has a worker inside, runs one, so that there is no process whose
loss stops everything. Any number of them is safe: each marks what it hands over, and skips what another is marking.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from datetime import timedelta

import structlog

from engine.engine import Engine
from engine.jobs.dispatch import SPAN
from web.distributed.broker import Broker, Line

log = structlog.get_logger("planflow.dispatcher")

ROUND = 100
"""Jobs handed over between two looks at the queue."""
MOST_WAITING = 500
"""Numbers in the queue beyond which no more are put in: workers that are slow shall not meet each job many times."""
TIDY_EVERY = 60.0
SHORTEST, LONGEST = 1.0, 30.0
"""Seconds to leave a broker alone that is away: twice as long each time."""


class Dispatcher:
    """Looks for what is due every ``interval`` seconds. What nobody took is handed over again after ``again_after``."""

    def __init__(
        self, engine: Engine, broker: Broker, interval: float = 1.0, again_after: timedelta = SPAN
    ) -> None:
        self._engine, self._broker, self._interval = engine, broker, interval
        self._again_after = again_after
        self._stop = threading.Event()
        self._tidy_at = 0.0
        self._away_until, self._pause = 0.0, SHORTEST
        self._away = False
        self._thread = threading.Thread(target=self._run, name="planflow-dispatcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, patience: float = 5.0) -> None:
        """Finish what is being handed over, then end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=patience)

    def alive(self) -> bool:
        """Whether it goes on looking for what is due."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                busy = self._look()
            except Exception:  # the database may be away for a while; the dispatcher must outlive that
                log.exception("the dispatcher could not do what is due")
                busy = 0
            if not busy:
                self._stop.wait(self._interval)

    def _look(self) -> int:
        done = self._engine.deliver_messages()
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_EVERY
            self._engine.forget_expired_messages()
            self._engine.ensure_standing_jobs()
        return done + self.hand_over()

    def hand_over(self) -> int:
        """Hand over what is due. Returns how many that were; 0 also while the broker is left alone."""
        if time.monotonic() < self._away_until or not self._engine.has_jobs_to_hand_over():
            return 0
        with ExitStack() as open_line:
            try:
                line = open_line.enter_context(self._broker.connected())
                room = line.waiting() < MOST_WAITING
            except Exception as error:
                return self._went_away(error)
            self._came_back()
            return self._through(line) if room else 0

    def _through(self, line: Line) -> int:
        ids = self._engine.hand_over_jobs(ROUND, self._again_after)
        for sent, job_id in enumerate(ids):
            try:
                line.send(job_id)
            except Exception as error:
                self._engine.take_back_jobs(ids[sent:])
                return self._went_away(error)
        return len(ids)

    def _went_away(self, reason: Exception) -> int:
        if not self._away:  # once, however long that lasts
            log.warning("the broker is away; jobs wait in the database", reason=self._broker.reason(reason))
        self._away = True
        self._away_until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST)
        return 0

    def _came_back(self) -> None:
        if self._away:
            log.info("the broker is back")
        self._away, self._pause = False, SHORTEST
