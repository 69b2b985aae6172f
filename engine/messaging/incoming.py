"""Messages and signals that come from outside, by a command."""

from __future__ import annotations

from typing import Any

from engine import deployments
from engine.commands import CorrelateMessage, Result, ThrowSignal
from engine.context import CommandContext
from engine.errors import Conflict, Forbidden, NotFound
from engine.execution import conversation, limits
from engine.messages import translatable as _
from engine.messaging import mailbox, receivers
from engine.messaging.handover import hand_over
from engine.messaging.letter import Letter
from engine.messaging.time_to_live import expiry
from engine.sandbox.sandbox import ScriptFailed

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
    fitting = receivers.fitting(ctx, command.name, keys)
    waiting = {row.instance_id for row in fitting if row.instance_id is not None}
    if len(waiting) > 1:
        raise Conflict(
            _("%(count)d processes wait for “%(name)s” with these keys; say which."),
            count=len(waiting),
            name=command.name,
        )
    found = receivers.chosen(ctx, fitting, keys)
    if found is not None:
        return hand_over(ctx, found, letter)
    if kept_until is None:
        raise NotFound(_("Nobody waits for the message “%(name)s” with these keys."), name=command.name)
    mailbox.keep(ctx, [letter], kept_until)
    return Result("", "kept", 0)


def throw(ctx: CommandContext, command: ThrowSignal) -> Result:
    """Throw a signal at all instances that wait for it now, and the processes that it starts. There may be none."""
    if not ctx.actor.belongs_to(*MAY_SEND):
        raise Forbidden(_("You may not send signals to processes."))
    limits.check_payload(command.payload, limits.MAX_SIGNAL)
    mailbox.broadcast(ctx, Letter(command.name, ctx.actor.user, {}, command.payload, "signal"))
    return Result("", "thrown", 0)


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
