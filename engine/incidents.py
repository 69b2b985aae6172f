"""Incidents: what could not go on, and trying it again."""

from __future__ import annotations

from sqlalchemy import select, update

from engine import instances, recording
from engine.commands import Result, RetryIncident
from engine.context import CommandContext
from engine.errors import Conflict, Forbidden, NotFound
from engine.jobs.rows import begin_anew
from engine.messages import translatable as _
from engine.storage.tables import incident, instance


def retry(ctx: CommandContext, command: RetryIncident) -> Result:
    """Try again what failed. Only administrators may. If it fails again there is a new incident.

    A job that has stopped becomes due, with all its attempts before it.
    """
    if not ctx.actor.belongs_to("administrator"):
        raise Forbidden(_("Only an administrator may retry incidents."))
    wanted = select(incident).where(incident.c.id == command.incident_id)
    owner = ctx.session.scalar(wanted.with_only_columns(incident.c.instance_id))
    if owner is None:
        raise NotFound(_("There is no such incident."))
    loaded = instances.load(ctx, select(instance).where(instance.c.id == owner))
    row = ctx.session.execute(wanted).one()
    task = loaded.live.find(row.token)
    if row.resolved_at is not None or task is None:
        raise Conflict(_("This incident is resolved already."))
    ctx.session.execute(
        update(incident)
        .where(incident.c.id == row.id)
        .values(resolved_at=ctx.now, resolved_by=ctx.actor.user)
    )
    shown = loaded.live.shown(task)
    told = recording.event(
        ctx, "incident.resolved", shown.process.definition_id, shown.element, token=row.token
    )
    if row.job_id is None:
        loaded.live.retry(row.token)
    else:
        begin_anew(ctx.session, row.job_id, ctx.now)
        loaded.live.resume(task)
    return instances.save(ctx, loaded, [told])
