"""Work items: what people complete, claim, give back, and keep drafts of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from engine import instances, recording
from engine.bpmn.model import Element, Outcome
from engine.commands import ClaimTask, CompleteTask, ReleaseTask, Result, SaveDraft
from engine.context import CommandContext
from engine.directory import Actor
from engine.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from engine.execution.task.user import UserTask, is_open_work
from engine.messages import translatable as _
from engine.storage.prepared import Prepared
from engine.storage.tables import instance, work_item, work_item_candidate

MAX_COMMENT = 10_000

_HERE = work_item.c.id == bindparam("item")
_ITEM = Prepared(
    select(
        *(work_item.c[name] for name in ("id", "instance_id", "token", "name", "status", "revision")),
        *(work_item.c[name] for name in ("assignee", "claimed_at", "created_at")),
        *(work_item.c[name] for name in ("completed_by", "completed_at")),
    ).where(_HERE)
)
_OWNER = select(work_item.c.instance_id).where(_HERE).scalar_subquery()
_INSTANCE = Prepared(
    select(*(instance.c[name] for name in instances.RESTORED))
    .where(instance.c.id == _OWNER)
    .with_for_update()
)
_CANDIDATES = Prepared(
    select(work_item_candidate.c.kind, work_item_candidate.c.name).where(
        work_item_candidate.c.work_item_id == bindparam("item")
    )
)
_COMPLETE = Prepared(
    update(work_item).where(_HERE),
    columns=(
        *("status", "completed_at", "completed_by", "assignee"),
        *("outcome", "comment", "draft", "revision"),
    ),
)
_REASSIGN = Prepared(update(work_item).where(_HERE), columns=("status", "assignee", "claimed_at", "revision"))


def complete(ctx: CommandContext, command: CompleteTask) -> Result:
    """Complete a work item: check the person, the form and the outcome, then let the process go on.

    Raises NotFound, Forbidden, Conflict (who was first, and when) or Invalid (by field); nothing is changed then.
    """
    item, loaded = _locked(ctx, command.task_id)
    may_work_on(ctx, item)
    if command.revision is not None and command.revision != item.revision:
        raise Conflict(_("“%(name)s” has changed since you opened it. Please look again."), name=item.name)
    task = loaded.live.find(item.token)
    if task is None or not is_open_work(task):
        raise Conflict(_("“%(name)s” is not waiting for anybody any more."), name=item.name)
    spec: UserTask = task.task_spec
    outcome = _checked_outcome(spec.element, command)
    values = _checked_values(ctx, task, command.variables, outcome)
    _COMPLETE.run(
        ctx.session,
        {
            "item": item.id,
            "status": "completed",
            "completed_at": ctx.now,
            "completed_by": ctx.actor.user,
            "assignee": ctx.actor.user,
            "outcome": command.outcome,
            "comment": command.comment,
            "draft": None,
            "revision": item.revision + 1,
        },
    )
    done = recording.event(
        ctx,
        "task.completed",
        spec.process.definition_id,
        spec.element,
        token=item.token,
        task=item.id,
        outcome=command.outcome,
        outcome_name=outcome.name if outcome else None,
        outcome_kind=outcome.kind if outcome else None,
        comment=command.comment,
    )
    spec.finish(task, values, command.outcome, command.comment, ctx.actor.user)
    return instances.save(ctx, loaded, [done], item.id)


def claim(ctx: CommandContext, command: ClaimTask) -> Result:
    """Take an open work item. Claiming one's own again changes nothing."""
    item, loaded = _locked(ctx, command.task_id)
    may_work_on(ctx, item)
    if item.assignee == ctx.actor.user:
        return Result(loaded.row.id, loaded.row.status, loaded.row.revision, task_id=item.id)
    return _reassign(ctx, item, loaded, "task.claimed", ctx.actor.user)


def release(ctx: CommandContext, command: ReleaseTask) -> Result:
    """Give a claimed work item back to its candidates. Without candidates nobody else could take it: refused."""
    item, loaded = _locked(ctx, command.task_id)
    if item.assignee != ctx.actor.user:
        raise Forbidden(_("“%(name)s” is not claimed by you."), name=item.name)
    if not _candidates(ctx, item.id):
        raise Conflict(_("“%(name)s” was given to you alone; nobody else could take it."), name=item.name)
    return _reassign(ctx, item, loaded, "task.released", None)


def save_draft(ctx: CommandContext, command: SaveDraft) -> Result:
    """Keep the unfinished form of a work item, as it is."""
    item = _ITEM.first(ctx.session, item=command.task_id)
    if item is None:
        raise NotFound(_("There is no such task."))
    _still_open(ctx, item)
    may_work_on(ctx, item)
    ctx.session.execute(
        update(work_item)
        .where(work_item.c.id == item.id, work_item.c.status == item.status)
        .values(draft=dict(command.data))
    )
    row = ctx.session.execute(
        select(instance.c.id, instance.c.status, instance.c.revision).where(instance.c.id == item.instance_id)
    ).one()
    return Result(row.id, row.status, row.revision, task_id=item.id)


def may_work_on(ctx: CommandContext, item: Any) -> None:
    """Raise Forbidden unless the actor may complete an open work item, Conflict if another candidate has it."""
    if item.assignee == ctx.actor.user:
        return
    candidate = is_candidate(ctx.actor, _candidates(ctx, item.id))
    if item.assignee is None and candidate:
        return
    if candidate:
        raise Conflict(
            _("“%(name)s” was claimed by %(person)s on %(time)s."),
            name=item.name,
            person=_display_name(ctx, item.assignee),
            time=_moment(item.claimed_at or item.created_at),
        )
    raise Forbidden(_("“%(name)s” is not your task."), name=item.name)


def is_candidate(actor: Actor, candidates: list[tuple[str, str]]) -> bool:
    """Whether a person is among the candidates, by name or by group."""
    return any(name == actor.user if kind == "user" else name in actor.groups for kind, name in candidates)


def _locked(ctx: CommandContext, task_id: str) -> tuple[Any, instances.Loaded]:
    """Lock the instance of a work item, then read the item as it now is."""
    row = _INSTANCE.first(ctx.session, item=task_id)
    item = _ITEM.first(ctx.session, item=task_id)
    if item is None:
        raise NotFound(_("There is no such task."))
    _still_open(ctx, item)
    return item, instances.restored(ctx, row)


def _still_open(ctx: CommandContext, item: Any) -> None:
    if item.status == "completed":
        raise Conflict(
            _("“%(name)s” was completed by %(person)s on %(time)s."),
            name=item.name,
            person=_display_name(ctx, item.completed_by),
            time=_moment(item.completed_at),
        )
    if item.status == "cancelled":
        raise Conflict(
            _("“%(name)s” is not needed any more since %(time)s."),
            name=item.name,
            time=_moment(item.completed_at),
        )


def _reassign(
    ctx: CommandContext, item: Any, loaded: instances.Loaded, kind: str, assignee: str | None
) -> Result:
    _REASSIGN.run(
        ctx.session,
        {
            "item": item.id,
            "status": "claimed" if assignee else "open",
            "assignee": assignee,
            "claimed_at": ctx.now if assignee else None,
            "revision": item.revision + 1,
        },
    )
    task = loaded.live.find(item.token)
    element = None if task is None else task.task_spec.element
    own = loaded.row.definition_id if task is None else task.task_spec.process.definition_id
    told = recording.event(ctx, kind, own, element, token=item.token, task=item.id)
    return instances.save(ctx, loaded, [told], item.id)


def _candidates(ctx: CommandContext, task_id: str) -> list[tuple[str, str]]:
    return [(row.kind, row.name) for row in _CANDIDATES.all(ctx.session, item=task_id)]


def _checked_outcome(element: Element, command: CompleteTask) -> Outcome | None:
    problems = []
    chosen = next((o for o in element.outcomes if o.id == command.outcome), None)
    if element.outcomes and chosen is None:
        offered = ", ".join(o.id for o in element.outcomes)
        problems.append(FieldProblem("outcome", _("Choose one of: %(offered)s."), {"offered": offered}))
    if not element.outcomes and command.outcome is not None:
        problems.append(FieldProblem("outcome", _("This task has no outcomes to choose from.")))
    comment = (command.comment or "").strip()
    if chosen is not None and chosen.comment == "required" and not comment:
        problems.append(FieldProblem("comment", _("Please say why.")))
    if len(comment) > MAX_COMMENT:
        problems.append(FieldProblem("comment", _("This is too long.")))
    if problems:
        raise Invalid(_("The task could not be completed."), problems)
    return chosen


def _checked_values(
    ctx: CommandContext, task: Any, variables: Mapping[str, Any], outcome: Outcome | None
) -> dict[str, Any]:
    """The submission as its form allows it. Sending back needs no complete form: gaps are allowed then."""
    spec: UserTask = task.task_spec
    name = spec.element.options.get("form")
    if name is None:
        return dict(variables)
    form = ctx.services.definitions.form(ctx.session, spec.process.definition_id, name)
    negative = outcome is not None and outcome.kind == "negative"
    return form.validate(
        dict(variables), task.workflow.variables(task), complete=not negative, today=ctx.today
    )


def _display_name(ctx: CommandContext, user: str | None) -> str:
    return ctx.people.display_name(user) if user else "?"


def _moment(time: Any) -> str:
    return str(time.isoformat(sep=" ", timespec="minutes"))
