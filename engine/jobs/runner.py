"""The runner: goes from job to job for a worker, each in transactions of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from structlog.contextvars import bind_contextvars

from engine.commands import Command, FailJob, FinishJob, Result, RunJob
from engine.correlation import adopt, kept
from engine.discreet import discreet
from engine.errors import PlanFlowError
from engine.execution.faults import tellable
from engine.jobs import dispatch, leasing, rows
from engine.jobs.job import Job
from engine.jobs.kinds import Inside, Kinds, Outside
from engine.jobs.leasing import LeaseLost
from engine.jobs.life import NotDue
from engine.jobs.rows import SOON
from engine.measuring import Meter
from engine.operations import PermanentFailure, TemporaryFailure, shortened
from engine.storage.database import Database
from engine.storage.passing import passes

log = structlog.get_logger(__name__)

TRIES = 3
"""How often a job is tried at once that was only in somebody's way."""
NOTHING, LONGEST = timedelta(), timedelta(days=1)
"""For how long another system may ask to be left alone: nobody's typing error puts a job off for years."""
LATER = timedelta(hours=1)
"""After which a job is tried again of which nothing can be written down."""
PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between tries to write down what came of a job: the work is done, and would have to be done again."""


class Runner:
    """``execute`` carries out a command as the engine itself."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        kinds: Kinds,
        execute: Callable[[Command], Result],
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._execute = execute
        self._kinds = kinds
        self._meter = meter
        self._inside = frozenset(name for name, kind in kinds.items() if isinstance(kind, Inside))
        self._outside = frozenset(kinds) - self._inside

    # What is done inside a transaction

    def run_due(self, limit: int) -> int:
        """Do the jobs that are due and done inside a transaction. Returns how many were done."""
        with self._database.read() as session:
            ids = rows.due(session, self._clock(), self._inside, limit)
        return sum(self.run(job_id) for job_id in ids)

    def run(self, job_id: int) -> bool:
        """Do one of them. Returns whether that was done, by this call."""
        with kept():
            bind_contextvars(job=job_id)
            return self._run(job_id)

    def _run(self, job_id: int) -> bool:
        for _try in range(TRIES):
            try:
                self._execute(RunJob(job_id))
            except NotDue:
                return False
            except Exception as error:
                if not passes(error):
                    self._note_failure(job_id, None, error)
                    return False
            else:
                return True
        with self._database.write() as session:
            rows.put_off(session, job_id, self._clock())
        return False

    # What is done outside

    def lease(self, owner: str, span: timedelta) -> Job | None:
        """The next job that is to be done outside, leased for so long; None while there is none."""
        now = self._clock()
        with self._database.read() as session:
            ids = leasing.candidates(session, now, self._outside)
        for job_id in ids:
            with self._database.write() as session:
                leased = leasing.lease(session, job_id, owner, now, span)
            if leased is not None:
                return leased
        return None

    def work(self, leased: Job) -> bool:
        """Do a leased job, and write down what came of it. Returns whether that counts."""
        kind = self._kinds[leased.kind]
        if not isinstance(kind, Outside):
            raise TypeError(f"{leased.kind} is done inside a transaction")
        with kept():
            bind_contextvars(job=leased.id)
            adopt(leased.payload)
            if self._meter is None:
                return self._worked(kind, leased)
            with self._meter.job(leased) as ended:
                ended(done := self._worked(kind, leased))
            return done

    def _worked(self, kind: Outside, leased: Job) -> bool:
        try:
            answer = kind.work(leased)
        except Exception as error:
            self._note_failure(leased.id, leased.lease, error)
            return False
        return self._bring_back(leased, answer)

    def give_back(self, leased: Job) -> None:
        """Let another worker have a job that this one will not do, at once."""
        with self._database.write() as session:
            leasing.give_back(session, leased.id, leased.lease, self._clock())

    def give_back_all(self, owner: str) -> int:
        """Let others have all that is leased to this worker, at once. Returns how many those were."""
        with self._database.write() as session:
            return leasing.give_back_all(session, owner, self._clock())

    def _bring_back(self, leased: Job, answer: Mapping[str, Any]) -> bool:
        for pause in PAUSES:
            try:
                self._execute(FinishJob(leased.id, leased.lease, answer))
            except LeaseLost:
                log.info("what came of a job was late", job=leased.id, kind=leased.kind)
                if self._meter is not None:
                    self._meter.lease_lost(leased.kind)
                return False
            except Exception as error:
                if not passes(error):
                    self._note_failure(leased.id, leased.lease, error)
                    return False
                time.sleep(pause)
            else:
                return True
        with self._database.write() as session:
            leasing.give_back(session, leased.id, leased.lease, self._clock() + SOON)
        return False

    # What goes through a broker

    def hand_over(self, limit: int, span: timedelta) -> list[int]:
        """Mark jobs that are due as handed over for a while. Returns their ids, longest due first."""
        now = self._clock()
        with self._database.read() as session:
            ids = dispatch.candidates(session, now, self._inside, self._outside, limit)
        if not ids:
            return []
        with self._database.write() as session:
            return dispatch.mark(session, ids, now, span)

    def has_to_hand_over(self) -> bool:
        """Whether a job is due that was not handed over."""
        with self._database.read() as session:
            return bool(dispatch.candidates(session, self._clock(), self._inside, self._outside, 1))

    def take_back(self, ids: Collection[int]) -> None:
        """Jobs that were marked, but could not be handed over."""
        with self._database.write() as session:
            dispatch.unmark(session, ids)

    def do(self, job_id: int, owner: str, span: timedelta) -> bool:
        """Do the job with this number, of either kind, if it is due and nobody else has it. Returns whether it did."""
        with self._database.read() as session:
            kind = self._kinds.get(rows.kind_of(session, job_id) or "")
        if kind is None:
            return False
        if isinstance(kind, Inside):
            return self.run(job_id)
        now = self._clock()
        with self._database.write() as session:
            leased = leasing.lease(session, job_id, owner, now, span)
            if leased is None:
                dispatch.again_soon(session, job_id, now)
        return leased is not None and self.work(leased)

    # What fails

    def _note_failure(self, job_id: int, lease: int | None, error: Exception) -> None:
        reason = tellable(str(error) if isinstance(error, PlanFlowError) else shortened(error))
        surprising = lease is None and not isinstance(error, PlanFlowError)
        told = {"exc_info": error} if surprising else {}
        log.warning("job failed", job=job_id, reason=discreet(error), **told)
        after = error.after if isinstance(error, TemporaryFailure) else NOTHING
        final = isinstance(error, PermanentFailure)
        command = FailJob(job_id, lease, reason, final, min(after, LONGEST).total_seconds())
        for _try in range(TRIES):
            try:
                self._execute(command)
            except Exception as again:
                if not passes(again):
                    log.exception("the failure of a job could not be written down", job=job_id)
                    break
            else:
                return
        self._leave_alone(job_id, lease)

    def _leave_alone(self, job_id: int, lease: int | None) -> None:
        """A job of which not even that it failed can be told, of a broken instance perhaps: others go on without it."""
        now = self._clock()
        with self._database.write() as session:
            if lease is None:
                rows.put_off(session, job_id, now, LATER)
            else:
                leasing.give_back(session, job_id, lease, now + LATER)
