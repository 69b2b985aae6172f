"""Who may see and do what: the rules, as SQL for lists and as answers about one thing.

An instance, with its tasks, variables and history, is seen by its starter, by anyone who is or was candidate,
assignee, owner or completer of one of its tasks, and by members of `SEES_ALL`.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, or_, select, true, union

from engine.directory import Actor
from engine.storage.tables import instance, work_item, work_item_candidate

SEES_ALL = ("auditor", "administrator", "process_designer", "management")
SEES_MESSAGES = ("administrator", "integration", "auditor")
TO_BE_DONE = ("open", "claimed")


def sees_all(actor: Actor) -> bool:
    """Whether this actor may see every instance."""
    return actor.belongs_to(*SEES_ALL)


def sees_messages(actor: Actor) -> bool:
    """Whether this actor may see the messages that nobody has taken yet."""
    return actor.belongs_to(*SEES_MESSAGES)


def candidate_items(actor: Actor) -> Select[tuple[str]]:
    """Ids of the work items that name the actor or one of the actor's groups as a candidate."""
    candidate = work_item_candidate.c
    return select(candidate.work_item_id).where(
        or_(
            and_(candidate.kind == "user", candidate.name == actor.user),
            and_(candidate.kind == "group", candidate.name.in_(sorted(actor.groups))),
        )
    )


def is_mine(actor: Actor) -> ColumnElement[bool]:
    """True for work items that the actor has, has completed, or could take since nobody else has them."""
    item = work_item.c
    return or_(
        item.assignee == actor.user,
        and_(item.assignee.is_(None), item.id.in_(candidate_items(actor))),
    )


def may_see_instance(actor: Actor) -> ColumnElement[bool]:
    """True for instances that the actor may see."""
    if sees_all(actor):
        return true()
    item = work_item.c
    involved = union(
        *(select(item.instance_id).where(column == actor.user) for column in _PERSONS),
        select(item.instance_id).where(item.id.in_(candidate_items(actor))),
    )
    return or_(instance.c.starter == actor.user, instance.c.id.in_(involved))


_PERSONS = (work_item.c.assignee, work_item.c.owner)
"""Who completes a task is its assignee from then on."""


def may_start(actor: Actor, executable: bool, starter_groups: tuple[str, ...]) -> bool:
    """Whether the actor may start a process with these starter groups; none at all let everybody."""
    return executable and (not starter_groups or actor.belongs_to(*starter_groups, "administrator"))


def may_terminate(actor: Actor, starter: str) -> bool:
    """Whether the actor may end an instance that this person started."""
    return actor.user == starter or actor.belongs_to("administrator")


def may_complete(actor: Actor, assignee: str | None, is_candidate: bool) -> bool:
    """Whether the actor may complete a task: its assignee may, or while it has none, any candidate."""
    return assignee == actor.user if assignee is not None else is_candidate
