"""Celery's worker: threads of one process that do the jobs whose numbers come through the broker."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from typing import Any

import structlog
from celery.worker import WorkController, state

from engine.engine import Engine
from engine.worker import PATIENCE
from web.distributed.broker import TASK, CeleryBroker
from web.distributed.pool import Threads

log = structlog.get_logger("planflow.worker")

WAKE_SECONDS = 0.5
"""Celery's loop sleeps until something comes; so often at least it sees that it is to stop."""


class CeleryWorker:
    """Does up to ``at_once`` jobs at the same time; each that lies outside is leased for ``lease``.

    ``patience`` is how many seconds jobs in work have to come to their end when it stops.

    Celery keeps what it needs to stop a worker in the process, so there is one of these in a process.
    """

    def __init__(
        self,
        engine: Engine,
        broker: CeleryBroker,
        name: str,
        at_once: int,
        lease: timedelta,
        patience: float = PATIENCE,
    ) -> None:
        self._engine, self._name, self._lease, self._patience = engine, name, lease, patience
        self._stopping = threading.Event()
        broker.app.task(name=TASK, bind=False)(self._do)
        self._controller = WorkController(
            app=broker.app,
            hostname=f"planflow@{name}",
            pool=Threads,
            concurrency=at_once,
            queues=[broker.queue],
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            loglevel="WARNING",
        )
        self._thread = threading.Thread(target=self._controller.start, name="planflow-celery", daemon=True)

    def start(self) -> None:
        """Begin to take numbers. A broker that is away is tried again for ever."""
        _hear_celery()
        state.should_stop = None
        self._controller.timer.call_repeatedly(WAKE_SECONDS, _look_up)
        self._thread.start()

    def stop(self) -> None:
        """Take no more, and finish what is being done. A job that does not come to its end in time is given back."""
        self._stopping.set()
        until = time.monotonic() + self._patience
        state.should_stop = 0
        if self._thread.is_alive():
            self._thread.join(timeout=self._patience)
        pool: Threads = self._controller.pool
        if not pool.wait(max(until - time.monotonic(), 0)):
            self._give_back()

    def alive(self) -> bool:
        """Whether it goes on taking numbers, or trying to reach the broker."""
        return self._thread.is_alive()

    def _do(self, job_id: Any) -> None:
        """Do the job with this number. Nothing else is believed of what came through the broker."""
        if type(job_id) is not int:
            log.warning("what came through the broker is no number of a job")
            return
        if self._stopping.is_set():
            return
        try:
            self._engine.do_job(job_id, self._name, self._lease)
        except Exception:  # the database is away perhaps; the number is given again in a while
            log.exception("a job could not be done", job=job_id)

    def _give_back(self) -> None:
        try:
            given_back = self._engine.give_back_all(self._name)
        except Exception:
            log.exception("jobs in work were left to their leases")
        else:
            log.warning("jobs in work were given back", jobs=given_back)


class _IntoOurLog(logging.Handler):
    """What Celery tells, as a line of our log. A number that it lost is no disaster here."""

    def emit(self, record: logging.LogRecord) -> None:
        told = " ".join(record.getMessage().split())
        if record.exc_info:
            log.log(record.levelno, told, exc_info=record.exc_info)
        else:
            log.log(min(record.levelno, logging.WARNING), told)


def _hear_celery() -> None:
    for name in ("celery", "kombu", "amqp"):
        told = logging.getLogger(name)
        told.handlers, told.propagate = [_IntoOurLog()], False
        told.setLevel(logging.WARNING)


def _look_up() -> None:
    """Nothing but an end to the loop's sleep."""
