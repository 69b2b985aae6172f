"""Celery's worker: threads of one process that do the jobs whose numbers come through the broker."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import structlog
from celery.worker import WorkController, state

from engine.engine import Engine
from engine.worker import PATIENCE
from web.distributed.broker import TASK, CeleryBroker

log = structlog.get_logger("planflow.worker")


WAKE_SECONDS = 0.5
"""Celery's loop sleeps until something comes; so often at least it sees that it is to stop."""


class CeleryWorker:
    """Does up to ``at_once`` jobs at the same time; each that lies outside is leased for ``lease``."""

    def __init__(
        self, engine: Engine, broker: CeleryBroker, name: str, at_once: int, lease: timedelta
    ) -> None:
        self._engine, self._name, self._lease = engine, name, lease
        broker.app.task(name=TASK, bind=False)(self.do)
        self._controller = WorkController(
            app=broker.app,
            hostname=f"planflow@{name}",
            pool="threads",
            concurrency=at_once,
            queues=[broker.queue],
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            loglevel="WARNING",
        )
        self._thread = threading.Thread(target=self._run, name="planflow-celery", daemon=True)

    def do(self, job_id: Any) -> None:
        """Do the job with this number. Nothing else is believed of what came through the broker."""
        if type(job_id) is not int:
            log.warning("what came through the broker is no number of a job")
            return
        try:
            self._engine.do_job(job_id, self._name, self._lease)
        except Exception:  # the database is away perhaps; the number is given again in a while
            log.exception("a job could not be done", job=job_id)

    def start(self) -> None:
        """Begin to take numbers. A broker that is away is tried again for ever."""
        state.should_stop = None
        self._controller.timer.call_repeatedly(WAKE_SECONDS, _look_up)
        self._thread.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """Take no more, and finish what is being done.

        What takes longer goes to another worker when its lease is over.
        """
        state.should_stop = 0
        self._thread.join(timeout=patience)
        if self._thread.is_alive():
            log.warning("jobs in work were left to their leases")

    def _run(self) -> None:
        self._controller.start()  # returns when it was stopped, and has finished what it was doing


def _look_up() -> None:
    """Nothing but an end to the loop's sleep."""
