"""The life of a job: done inside a transaction, or brought back from outside; failed, and tried again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from engine import incidents, instances
from engine.commands import FailJob, FinishJob, Result, RetryIncident, RetryJob, RunJob
from engine.context import CommandContext
from engine.correlation import adopt
from engine.directory import SYSTEM
from engine.errors import Conflict, Forbidden, NotFound
from engine.jobs import rows
from engine.jobs.job import COLUMNS, DUE, FAILED, LEASED, Job, job_of
from engine.jobs.kinds import Inside, Outside
from engine.jobs.leasing import NOBODY, LeaseLost, held
from engine.jobs.retries import chosen
from engine.jobs.timers import next_round
from engine.messages import translatable as _
from engine.storage.tables import incident, instance, job

DONE, GONE, AGAIN, STOPPED = "done", "gone", "again", "stopped"
"""The status of a command's result: what has become of the job."""


class NotDue(Conflict):
    """The job is not due, or not any more: somebody else was first, or has just failed."""


def run(ctx: CommandContext, command: RunJob) -> Result:
    """Do a job that is due and done inside a transaction. Raises NotFound when it is gone, NotDue when it waits.

    Only the engine itself may, so that nobody hurries a deadline along.
    """
    _check_is_engine(ctx)
    found = _locked(ctx, command.job_id)
    adopt(found.payload)
    check_due(ctx, found)
    kind = ctx.services.jobs[found.kind]
    if not isinstance(kind, Inside):
        raise Conflict(_("This job is done outside."))
    following = next_round(ctx, found)
    again = kind.run(ctx, found)
    if following is not None:
        due_at, repeat = following
        rows.change(ctx.session, found.id, due_at=due_at, try_at=due_at, repeat=repeat, **rows.UNTRIED)
    elif again is not None:
        rows.change(ctx.session, found.id, due_at=again, try_at=again, **rows.UNTRIED)
    else:
        rows.remove(ctx.session, found.id)
    return Result(found.instance_id or "", DONE, 0)


def finish(ctx: CommandContext, command: FinishJob) -> Result:
    """Write down what came of a job that was done outside. Raises LeaseLost when it is another worker's by now."""
    _check_is_engine(ctx)
    _lock_instance(ctx, command.job_id)
    found = held(ctx.session, command.job_id, command.lease)
    kind = ctx.services.jobs[found.kind]
    if isinstance(kind, Outside):
        kind.finish(ctx, found, command.answer)
    rows.remove(ctx.session, found.id)
    return Result(found.instance_id or "", DONE, 0)


def fail(ctx: CommandContext, command: FailJob) -> Result:
    """Note that a job has failed: it is tried again after a while, or stops.

    Nothing happens to one that is another worker's by now, or gone.
    """
    _check_is_engine(ctx)
    try:
        found = _failed(ctx, command)
    except (NotFound, NotDue, LeaseLost):
        return Result("", GONE, 0)
    failures = found.attempts + 1
    retries = chosen(found.retries, ctx.services.jobs[found.kind].retries)
    next_try = None if command.final else retries.next_try(failures, ctx.now, ctx.timezone)
    told = {"attempts": failures, "tried_at": ctx.now, "error": command.reason, **NOBODY}
    if next_try is not None:
        next_try = max(next_try, ctx.now + timedelta(seconds=command.after))
        rows.change(ctx.session, found.id, status=DUE, try_at=next_try, **told)
        return Result(found.instance_id or "", AGAIN, 0)
    rows.change(ctx.session, found.id, status=FAILED, **told)
    return _raise_incident(ctx, found, command.reason, failures)


def retry(ctx: CommandContext, command: RetryJob) -> Result:
    """Have a job done now that has stopped, or waits to be tried again. Only administrators may.

    Raises Conflict for one that is in work, and for one whose time has not come.
    """
    if not ctx.actor.belongs_to("administrator"):
        raise Forbidden(_("Only an administrator may have jobs done again."))
    found = _locked(ctx, command.job_id)
    if found.status == LEASED:
        raise Conflict(_("This job is being done at this moment."))
    if found.status == DUE and found.due_at > ctx.now:
        raise NotDue(_("The job is not due yet."))
    stuck = select(incident.c.id).where(incident.c.job_id == found.id, incident.c.resolved_at.is_(None))
    incident_id = ctx.session.scalar(stuck)
    if incident_id is not None:
        return incidents.retry(ctx, RetryIncident(incident_id))
    if found.status == FAILED:
        rows.begin_anew(ctx.session, found.id, ctx.now)
    else:
        rows.change(ctx.session, found.id, try_at=ctx.now)
    return Result(found.instance_id or "", DUE, 0)


def check_due(ctx: CommandContext, found: Job) -> None:
    """Raise NotDue for a job that is not due, or not any more."""
    query = select(job.c.id).where(job.c.id == found.id, rows.is_due(ctx.now))
    if ctx.session.scalar(query) is None:
        raise NotDue(_("The job is not due yet."))


def _check_is_engine(ctx: CommandContext) -> None:
    if ctx.actor is not SYSTEM:
        raise Forbidden(_("Jobs are done by themselves."))


def _failed(ctx: CommandContext, command: FailJob) -> Job:
    """The job that has failed, locked, if it is still whose that was."""
    if command.lease is not None:
        _lock_instance(ctx, command.job_id)
        return held(ctx.session, command.job_id, command.lease)
    found = _locked(ctx, command.job_id)
    check_due(ctx, found)
    return found


def _locked(ctx: CommandContext, job_id: int) -> Job:
    """The job, and before it the instance that it belongs to, both locked. Raises NotFound."""
    _lock_instance(ctx, job_id)
    row = ctx.session.execute(select(*COLUMNS).where(job.c.id == job_id).with_for_update()).first()
    if row is None:
        raise NotFound(_("There is no such job."))
    return job_of(row)


def _lock_instance(ctx: CommandContext, job_id: int) -> None:
    own = select(job.c.instance_id).where(job.c.id == job_id).scalar_subquery()
    ctx.session.execute(select(instance.c.id).where(instance.c.id == own).with_for_update())


def _raise_incident(ctx: CommandContext, found: Job, reason: str, failures: int) -> Result:
    """Let the token of the job show that it stands still. A job of no token shows among the jobs alone."""
    if found.instance_id is None or found.token is None:
        return Result(found.instance_id or "", STOPPED, 0)
    loaded = instances.load(ctx, select(instance).where(instance.c.id == found.instance_id))
    task = loaded.live.find(found.token)
    if task is None:
        rows.remove(ctx.session, found.id)
        return Result(found.instance_id, GONE, 0)
    loaded.live.stop(task, reason, found.id, failures)
    saved = instances.save(ctx, loaded)
    return Result(saved.instance_id, STOPPED, saved.revision)
