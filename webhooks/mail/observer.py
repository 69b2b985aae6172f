"""The letter box: what a command did becomes a job for each reader, in the command's own transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy.orm import Session

from engine.context import CommandContext
from engine.observing import Happening
from webhooks.events import Drafted, drafts
from webhooks.mail.readers import ALL, MINE, Reader

KIND = "letter"
TASKS = ("task.created", "task.overdue")
INCIDENT = "incident.raised"
NEWS = ("plan.in_force", "plan.changed", "indicator.warning")
TOLD = frozenset({*TASKS, INCIDENT, *NEWS})
"""What there are letters about."""
MOST = 500
"""Readers of one event. A task that is offered to more than that is on nobody's desk."""


class Audience(Protocol):
    """The people of the organisation, as the letter box asks for them inside a command's transaction."""

    def readers(self, session: Session, names: Collection[str]) -> list[Reader]:
        """Those of these people who are active and have an address."""

    def interested(self, session: Session) -> list[Reader]:
        """Everybody with an address who wants to be told everything, and may see plans in force."""


class LetterBox:
    """An observer of the engine. ``public_url`` is where people reach this installation."""

    def __init__(self, audience: Audience, public_url: str | None) -> None:
        self._audience = audience
        self._public_url = public_url

    def wants(self, ctx: CommandContext) -> Collection[str]:  # noqa: ARG002
        """The same for every command."""
        return TOLD

    def observe(self, ctx: CommandContext, happened: Sequence[Happening]) -> None:
        """Put a job in for each reader of each event."""
        for drafted in drafts(ctx, happened, self._public_url):
            about = drafted.type.name.removeprefix("org.planflow.")
            if about not in TOLD:
                continue
            for reader in self._readers(ctx, about, drafted)[:MOST]:
                payload = {
                    "to": reader.name,
                    "about": about,
                    "process": drafted.process,
                    "data": drafted.data,
                }
                ctx.enqueue(KIND, payload)

    def _readers(self, ctx: CommandContext, about: str, drafted: Drafted) -> list[Reader]:
        if about in TASKS:
            named = set(_whose(ctx, drafted.data["task"]))
            if about == "task.created":
                named.discard(ctx.actor.user)  # who has just led to it is looking at it
            return list(_with(self._audience.readers(ctx.session, named), (MINE, ALL)))
        if about == INCIDENT:
            administrators = ctx.directory.members("administrator")
            return list(_with(self._audience.readers(ctx.session, administrators), (ALL,)))
        return self._audience.interested(ctx.session)


def _with(readers: Iterable[Reader], wishes: Collection[str]) -> Iterator[Reader]:
    return (reader for reader in readers if reader.wish in wishes)


def _whose(ctx: CommandContext, task: Mapping[str, Any]) -> Iterator[str]:
    """Whose a task is; while it is nobody's, those who may take it."""
    if task["assignee"] is not None:
        yield task["assignee"]
        return
    yield from task["candidate_users"]
    for group in task["candidate_groups"]:
        yield from ctx.directory.members(group)
