"""Instances: starting, loading, storing and ending them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update

from engine import deployments, recording
from engine.commands import Result, StartInstance, TerminateInstance
from engine.context import CommandContext
from engine.deployments import Definition
from engine.directory import SYSTEM
from engine.errors import BpmnError, Conflict, FieldProblem, Forbidden, Invalid, NotFound
from engine.execution import data
from engine.execution.build import ProcessSpec
from engine.execution.faults import tellable
from engine.execution.live import LiveInstance
from engine.execution.started import Started
from engine.execution.state import dump, restore
from engine.history import EMPTY, Head
from engine.messages import translatable as _
from engine.messaging.keys import BUSINESS_KEY, key_hash
from engine.starting import events
from engine.storage.prepared import Prepared
from engine.storage.tables import instance
from engine.visibility import may_start, may_terminate

MAX_TEXT = 2_000

RESTORED = (
    *("id", "definition_id", "process_key", "business_key", "title", "starter", "status", "ended_at"),
    *("revision", "state", "variables", "history_seq", "history_hash"),
)
"""The columns that `restored` and `save` need of an instance's row."""

_CHANGED = ("revision", "state", "variables", "updated_at", "history_seq", "history_hash")
_ENDED = ("status", "ended_at")
_INSERT = Prepared(
    insert(instance),
    columns=(
        *("id", "definition_id", "process_key", "business_key", "title", "starter", "started_at"),
        *_CHANGED,
        *_ENDED,
    ),
)
_SEEN = update(instance).where(
    instance.c.id == bindparam("changed"), instance.c.revision == bindparam("seen")
)
_GOES_ON = Prepared(_SEEN, columns=_CHANGED)
_ENDS = Prepared(_SEEN, columns=(*_CHANGED, *_ENDED))


@dataclass
class Loaded:
    """A locked instance in the middle of a command: its row, and its live state."""

    row: Any
    live: LiveInstance


def start(ctx: CommandContext, command: StartInstance) -> Result:
    """Start a process by hand. Raises Forbidden, NotFound, or Invalid for what the start form refuses."""
    definition = deployments.latest(ctx.session, command.process_key, command.version)
    spec = ctx.services.definitions.spec(ctx.session, definition.id) if definition.executable else None
    if spec is None:
        raise Invalid(_("The process “%(name)s” is not executable."), name=definition.name)
    if not _may_start(ctx, definition, newest=command.version is None):
        raise Forbidden(_("You may not start “%(name)s”."), name=definition.name)
    if not spec.model.starts_by_hand:
        raise Invalid(_("“%(name)s” is started by an event, not by hand."), name=definition.name)
    variables = _checked_start(ctx, spec, command.variables)
    if missing := data.lacking(spec.model.data, variables):
        problems = [FieldProblem(name, _("This field is required.")) for name in missing]
        raise Invalid(_("Something is missing that the process begins with."), problems)
    return begin(ctx, definition, variables, command.business_key)


def _may_start(ctx: CommandContext, definition: Definition, newest: bool) -> bool:
    """Whether the person may start this version. An older one is no way around the rule of the newest."""
    if not may_start(ctx.actor, definition.executable, definition.starter_groups):
        return False
    return newest or _may_start(ctx, deployments.latest(ctx.session, definition.key), newest=True)


def begin(
    ctx: CommandContext,
    definition: Definition,
    variables: Mapping[str, Any],
    business_key: str | None,
    started: Started | None = None,
    starter: str | None = None,
) -> Result:
    """Create an instance and let it run until it waits.

    ``started`` is the event that has started it, ``starter`` on whose behalf that was if not the actor's.
    """
    if business_key is not None and len(business_key) > MAX_TEXT:
        raise Invalid(
            _("The business key is too long."), [FieldProblem("business_key", _("This is too long."))]
        )
    instance_id = str(uuid.uuid4())
    starter = starter or ctx.actor.user
    ctx.instance_id, ctx.process_key, ctx.starter = instance_id, definition.key, starter
    spec = ctx.services.definitions.spec(ctx.session, definition.id)
    constants = _constants(instance_id, starter, business_key)
    live = LiveInstance(spec, ctx, constants, interactive=ctx.actor is not SYSTEM)
    live.start(variables, started)
    title = _title(spec, live, definition.name)
    by = events.told(spec.model, started)
    told = recording.started(ctx, definition.id, title, business_key, definition.version, by)
    stored = recording.store(ctx, EMPTY, live.records, definition.id, before=[told])
    state, kept = dump(live)
    ended = live.status != "active"
    if ended:
        _let_the_next_start(ctx, spec, business_key)
    _INSERT.run(
        ctx.session,
        {
            "id": instance_id,
            "definition_id": definition.id,
            "process_key": definition.key,
            "business_key": business_key,
            "title": title,
            "starter": starter,
            "status": live.status,
            "revision": 1,
            "state": None if ended else state,
            "variables": kept,
            "started_at": ctx.now,
            "updated_at": ctx.now,
            "ended_at": ctx.now if ended else None,
            "history_seq": stored.head.seq,
            "history_hash": stored.head.hash,
        },
    )
    return Result(instance_id, live.status, 1, stored.opened)


def terminate(ctx: CommandContext, command: TerminateInstance) -> Result:
    """End an instance now. Only its starter and administrators may; a reason is required."""
    if not command.reason.strip():
        raise Invalid(_("Please give a reason."), [FieldProblem("reason", _("This field is required."))])
    loaded = load(ctx, select(instance).where(instance.c.id == command.instance_id))
    if not may_terminate(ctx.actor, loaded.row.starter):
        raise Forbidden(_("Only its starter or an administrator may end this process."))
    loaded.live.end("terminated", reason=command.reason[:MAX_TEXT])
    return save(ctx, loaded)


def load(ctx: CommandContext, query: Select[Any]) -> Loaded:
    """Lock the one instance that a query finds and restore its live state. Raises NotFound or Conflict."""
    return restored(ctx, ctx.session.execute(query.with_for_update()).first())


def restored(ctx: CommandContext, row: Any) -> Loaded:
    """The live state of an instance whose row is locked. Raises NotFound or Conflict."""
    if row is None:
        raise NotFound(_("There is no such process instance."))
    if row.status != "active":
        raise Conflict(
            _("“%(title)s” ended on %(time)s."),
            title=row.title,
            time=row.ended_at.isoformat(timespec="minutes"),
        )
    ctx.instance_id, ctx.process_key, ctx.starter = row.id, row.process_key, row.starter
    constants = _constants(row.id, row.starter, row.business_key)
    interactive = ctx.actor.user != "system"
    return Loaded(row, restore(row.state, row.variables, ctx, constants, interactive))


def save(
    ctx: CommandContext,
    loaded: Loaded,
    before: list[recording.Event] | None = None,
    task_id: str | None = None,
) -> Result:
    """Store what a command made of an instance: history, work, timers, and the new live state."""
    row, live = loaded.row, loaded.live
    head = Head(row.history_seq, row.history_hash)
    stored = recording.store(ctx, head, live.records, row.definition_id, before or [])
    state, variables = dump(live)
    ended = live.status != "active"
    if ended:
        _let_the_next_start(ctx, live.spec, row.business_key)
    values = {
        "changed": row.id,
        "seen": row.revision,
        "revision": row.revision + 1,
        "state": None if ended else state,
        "variables": variables,
        "updated_at": ctx.now,
        "history_seq": stored.head.seq,
        "history_hash": stored.head.hash,
    }
    if ended:
        changed = _ENDS.run(ctx.session, {**values, "status": live.status, "ended_at": ctx.now})
    else:
        changed = _GOES_ON.run(ctx.session, values)
    if changed != 1:
        raise Conflict(_("Somebody else changed this process at the same moment. Please try again."))
    return Result(row.id, live.status, row.revision + 1, stored.opened, task_id)


def _let_the_next_start(ctx: CommandContext, spec: ProcessSpec, business_key: str | None) -> None:
    """Where only one instance runs for a business key, a message may have waited until this one was over."""
    if business_key is not None:
        hashed = key_hash({BUSINESS_KEY: business_key})
        ctx.mail.awaited.update((name, hashed) for name in events.one_at_a_time(spec.model))


def _constants(instance_id: str, starter: str, business_key: str | None) -> dict[str, Any]:
    return {"instance_id": instance_id, "starter": starter, "business_key": business_key}


def _checked_start(ctx: CommandContext, spec: ProcessSpec, variables: Mapping[str, Any]) -> dict[str, Any]:
    form = spec.model.options.get("startForm")
    if form is None:
        return dict(variables)
    return ctx.services.definitions.form(ctx.session, spec.definition_id, form).validate(
        dict(variables), today=ctx.today
    )


def _title(spec: ProcessSpec, live: LiveInstance, name: str) -> str:
    text = spec.model.options.get("title")
    try:
        title = live.value(live.task_tree, text) if text else name
    except BpmnError as error:
        raise Invalid(_("The title cannot be made: %(reason)s"), reason=str(error)) from error
    return tellable(str(title))[:200]
