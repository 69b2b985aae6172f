"""Delivery: a message is taken out of the mailbox, to be handed over or to be thrown away."""

from __future__ import annotations

from sqlalchemy import delete, select

from engine.commands import DeliverMessage, ForgetMessage, Result
from engine.context import CommandContext
from engine.directory import SYSTEM
from engine.errors import Forbidden, NotFound
from engine.messages import translatable as _
from engine.messaging import receivers
from engine.messaging.handover import hand_over
from engine.messaging.letter import Letter
from engine.storage.tables import message

GONE = "gone"
"""The status of what somebody else has delivered already, or forgotten."""


def deliver(ctx: CommandContext, command: DeliverMessage) -> Result:
    """Hand over what lies in the mailbox, if it still does. Raises NotFound when nobody can take it now.

    Only the engine itself may. The message's row is locked before the instance's, here and everywhere.
    """
    if ctx.actor is not SYSTEM:
        raise Forbidden(_("Messages are delivered by themselves."))
    query = select(message).where(message.c.id == command.message_id, message.c.expires_at > ctx.now)
    row = ctx.session.execute(query.with_for_update()).first()
    if row is None:
        return Result("", GONE, 0)
    ctx.session.execute(delete(message).where(message.c.id == row.id))
    letter = Letter(row.name, row.starter, row.correlation, row.payload, row.kind)
    if row.subscription_id is not None:
        listener = receivers.listener(ctx, row.subscription_id)
        return Result("", "nobody", 0) if listener is None else hand_over(ctx, listener, letter)
    receiver = receivers.receiver(ctx, letter.name, letter.correlation)
    if receiver is None:
        raise NotFound(_("Nobody waits for the message “%(name)s” with these keys."), name=row.name)
    return hand_over(ctx, receiver, letter)


def forget(ctx: CommandContext, command: ForgetMessage) -> Result:
    """Throw a message away that lies in the mailbox. Only administrators may. Raises NotFound when it is gone."""
    if not ctx.actor.belongs_to("administrator"):
        raise Forbidden(_("Only an administrator may throw messages away."))
    done = ctx.session.execute(delete(message).where(message.c.id == command.message_id))
    if getattr(done, "rowcount", 0) == 0:
        raise NotFound(_("There is no such message."))
    return Result("", "forgotten", 0)
