"""What a call does, within one transaction that also remembers its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import CorrelateMessage, OperationContext, StartInstance
from engine.engine import Together
from webhooks.incoming.mapping import Mapped
from webhooks.incoming.receiver import MESSAGE, START, Draft

Action = Callable[[OperationContext, Mapping[str, Any]], Mapping[str, Any]]
"""Of another room: takes what ``variables`` gave, writes in the transaction of its context, and answers (JSON).

Raises Invalid for what it cannot use.
"""


@dataclass(frozen=True)
class Effect:
    """What came of a call. ``status`` is that of the command: ``active``, ``kept`` …, or ``done``."""

    status: str
    instance_id: str | None = None


def carry_out(
    together: Together, draft: Draft, found: Mapped, time_to_live: str, actions: Mapping[str, Action]
) -> Effect:
    """Do what the receiver is for. Raises whatever the command or the action does; nothing is changed then."""
    if draft.action == MESSAGE:
        kept = time_to_live if draft.time_to_live is None else draft.time_to_live
        command = CorrelateMessage(draft.target, found.correlation, found.variables, kept)
        return _effect(together.execute(command))
    if draft.action == START:
        return _effect(together.execute(StartInstance(draft.target, found.variables, found.business_key)))
    actions[draft.action](together.context, found.variables)
    return Effect("done")


def _effect(result: Any) -> Effect:
    return Effect(result.status, result.instance_id or None)
