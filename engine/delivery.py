"""Delivery: what lies in the mailbox is handed over, each message in a transaction of its own."""

from __future__ import annotations

from sqlalchemy import delete, select

from engine import correlation
from engine.commands import DeliverMessage, Result
from engine.context import CommandContext
from engine.directory import SYSTEM
from engine.errors import Forbidden, NotFound
from engine.mailbox import Letter
from engine.messages import translatable as _
from engine.storage.tables import message


def deliver(ctx: CommandContext, command: DeliverMessage) -> Result:
    """Hand over what lies in the mailbox. Raises NotFound when it is gone, or nobody can take it.

    Only the engine itself may.
    """
    if ctx.actor is not SYSTEM:
        raise Forbidden(_("Messages are delivered by themselves."))
    row = ctx.session.execute(
        select(message).where(message.c.id == command.message_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(_("There is no such message."))
    letter = Letter(row.name, row.starter, row.correlation, row.payload, row.kind)
    if row.subscription_id is not None:
        receiver = correlation.listener(ctx, row.subscription_id)
    else:
        receiver = correlation.receiver(ctx, letter.name, letter.correlation)
    if receiver is None and row.subscription_id is None:
        raise NotFound(_("Nobody waits for the message “%(name)s” with these keys."), name=row.name)
    ctx.session.execute(delete(message).where(message.c.id == row.id))
    if receiver is None:
        return Result("", "nobody", 0)
    return correlation.hand_over(ctx, receiver, letter)
