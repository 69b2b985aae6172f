"""Messages find the one who waits for them, by name and by every correlation key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Row, func, select

from engine import deployments, instances, mailbox, recording, starting
from engine.commands import CorrelateMessage, Result
from engine.context import CommandContext
from engine.errors import BpmnError, Conflict, FieldProblem, Forbidden, Invalid, NotFound
from engine.execution import conversation, limits
from engine.execution.faults import Fault
from engine.execution.started import Started
from engine.mailbox import Letter
from engine.message_keys import BUSINESS_KEY, choices, fits
from engine.messages import translatable as _
from engine.sandbox.sandbox import ScriptFailed
from engine.storage.tables import instance, subscription
from engine.time_to_live import expiry

MAY_SEND = ("administrator", "integration")


def correlate(ctx: CommandContext, command: CorrelateMessage) -> Result:
    """Hand a message over that comes from outside. A waiting instance comes before a process that it would start.

    Raises Conflict when several instances wait for it, and NotFound when nobody does and it is not to be kept.
    """
    if not ctx.actor.belongs_to(*MAY_SEND):
        raise Forbidden(_("You may not send messages to processes."))
    limits.check_keys(command.correlation)
    kept_until = expiry(ctx.now, command.time_to_live, ctx.timezone)
    keys = {**_found_in_payload(ctx, command), **command.correlation}
    letter = Letter(command.name, ctx.actor.user, keys, command.payload)
    fitting = _fitting(ctx, command.name, keys)
    waiting = {row.instance_id for row in fitting if row.instance_id is not None}
    if len(waiting) > 1:
        raise Conflict(
            _("%(count)d processes wait for “%(name)s” with these keys; say which."),
            count=len(waiting),
            name=command.name,
        )
    found = _chosen(ctx, fitting, keys)
    if found is not None:
        return hand_over(ctx, found, letter)
    if kept_until is None:
        raise NotFound(_("Nobody waits for the message “%(name)s” with these keys."), name=command.name)
    mailbox.keep(ctx, [letter], kept_until)
    return Result("", "kept", 0)


def receiver(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> Row[Any] | None:
    """Who gets a message: the instance that has waited longest, or else the process that it starts."""
    return _chosen(ctx, _fitting(ctx, name, keys), keys)


def listener(ctx: CommandContext, subscription_id: int) -> Row[Any] | None:
    """Who listened to a signal, if they still do."""
    return ctx.session.execute(select(subscription).where(subscription.c.id == subscription_id)).first()


def hand_over(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    """Give it to the instance that waits, or start the process that waits to be started by it.

    Raises Conflict when the instance does not wait any more, and Invalid when it cannot take what is carried.
    """
    return _start(ctx, row, letter) if row.instance_id is None else _deliver(ctx, row, letter)


def _found_in_payload(ctx: CommandContext, command: CorrelateMessage) -> dict[str, Any]:
    """The keys that the latest processes find in a message from outside by their message paths (§8.4.2)."""

    def ask(path: str) -> Any:
        return ctx.evaluate(path, command.payload)

    found: dict[str, Any] = {}
    for definition in deployments.latest_all(ctx.session):
        if definition.executable:
            model = ctx.services.definitions.spec(ctx.session, definition.id).model
            try:
                found |= conversation.carried(model, command.name, ask, {**found, **command.correlation})
            except ScriptFailed:  # what it knows by this name looks otherwise
                continue
    limits.check_keys(found)
    return found


def _chosen(ctx: CommandContext, fitting: list[Row[Any]], keys: Mapping[str, Any]) -> Row[Any] | None:
    for row in fitting:
        if row.instance_id is not None:
            return row
    return next((row for row in fitting if _may_start_one(ctx, row, keys)), None)


def _fitting(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> list[Row[Any]]:
    return [row for row in _waiting(ctx, name, keys) if fits(row.correlation, keys)]


def _waiting(ctx: CommandContext, name: str, keys: Mapping[str, Any]) -> list[Row[Any]]:
    """Whoever waits for a message of this name, and, where the keys are few, for just some of these keys."""
    query = select(subscription).where(subscription.c.kind == "message", subscription.c.name == name)
    hashes = choices(keys)
    if hashes is not None:
        query = query.where(subscription.c.key_hash.in_(hashes))
    return list(ctx.session.execute(query.order_by(subscription.c.id)))


def _deliver(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    loaded = instances.load(ctx, select(instance).where(instance.c.id == row.instance_id))
    task = loaded.live.find(row.token)
    still = select(subscription.c.id).where(subscription.c.id == row.id)
    if task is None or ctx.session.execute(still).first() is None:
        raise Conflict(_("Somebody else handed over “%(name)s” at the same moment."), name=letter.name)
    keys = {"correlation": dict(letter.correlation)} if letter.kind == "message" else {}
    received = recording.event(
        ctx,
        f"{letter.kind}.received",
        task.task_spec.process.definition_id,
        task.task_spec.element,
        token=row.token,
        **{letter.kind: letter.name},
        **keys,
    )
    with _taking(letter):
        task.task_spec.trigger(task, letter.payload, row.event, letter.correlation)
    return instances.save(ctx, loaded, [received])


def _start(ctx: CommandContext, row: Row[Any], letter: Letter) -> Result:
    definition = deployments.definition(ctx.session, row.definition_id)
    started = Started(row.element, row.event, letter.payload, letter.correlation)
    key = _business_key(letter.correlation)
    with _taking(letter):
        return instances.begin(ctx, definition, {}, key, started, letter.starter)


@contextmanager
def _taking(letter: Letter) -> Iterator[None]:
    """What a message or signal carries may be nothing that its receiver can use: then nothing has happened."""
    try:
        yield
    except (Fault, ScriptFailed, BpmnError) as error:
        raise Invalid(
            _("“%(name)s” cannot be taken: %(reason)s"), name=letter.name, reason=str(error)
        ) from error


def _business_key(keys: Mapping[str, Any]) -> str | None:
    key = keys.get(BUSINESS_KEY)
    if key is None or isinstance(key, str):
        return key
    problem = FieldProblem("correlation.business_key", _("A business key is a text."))
    raise Invalid(_("The message cannot start a process."), [problem])


def _may_start_one(ctx: CommandContext, row: Row[Any], keys: Mapping[str, Any]) -> bool:
    """Whether a message may start a process: where the model asks for it, only one runs for a business key."""
    definition = deployments.definition(ctx.session, row.definition_id)
    spec = ctx.services.definitions.spec(ctx.session, definition.id)
    if not starting.starts_one_at_a_time(spec.model.scope.elements[row.element]):
        return True
    key = _business_key(keys)
    if key is None:
        return True
    _one_at_a_time(ctx, f"{definition.key}\n{key}")
    running = select(func.count()).where(
        instance.c.process_key == definition.key,
        instance.c.business_key == key,
        instance.c.status == "active",
    )
    return not ctx.session.scalar(running)


def _one_at_a_time(ctx: CommandContext, what: str) -> None:
    """Let those that would start the same follow one another. SQLite has one writer at a time anyway."""
    if ctx.session.get_bind().dialect.name == "postgresql":
        ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(what, 0))))
