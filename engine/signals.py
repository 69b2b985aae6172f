"""Signals from outside: for everybody who listens at this moment (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

from engine import mailbox
from engine.commands import Result, ThrowSignal
from engine.context import CommandContext
from engine.correlation import MAY_SEND
from engine.errors import Forbidden
from engine.execution import limits
from engine.mailbox import Letter
from engine.messages import translatable as _


def throw(ctx: CommandContext, command: ThrowSignal) -> Result:
    """Throw a signal at all instances that wait for it now, and the processes that it starts. There may be none."""
    if not ctx.actor.belongs_to(*MAY_SEND):
        raise Forbidden(_("You may not send signals to processes."))
    limits.check_payload(command.payload, limits.MAX_SIGNAL)
    mailbox.broadcast(ctx, Letter(command.name, ctx.actor.user, {}, command.payload, "signal"))
    return Result("", "thrown", 0)
