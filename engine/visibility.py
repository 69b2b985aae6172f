"""Who may see and do what: the rules, as SQL for lists and as answers about one thing.

An instance, with its tasks, variables and history, is seen by its starter, by anyone who is or was candidate,
assignee, owner or completer of one of its tasks, and by members of `SEES_ALL`.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, true, union

from engine.directory import Actor
from engine.storage.tables import instance, work_item, work_item_candidate

SEES_ALL = ("auditor", "administrator", "process_designer", "management")
SEES_MESSAGES = ("administrator", "integration", "auditor")
TO_BE_DONE = ("open", "claimed")
SEVERAL = "*"
"""Stands in a work item that is offered to more than one."""


def sees_all(actor: Actor) -> bool:
    """Whether this actor may see every instance."""
    return actor.belongs_to(*SEES_ALL)


def sees_messages(actor: Actor) -> bool:
    """Whether this actor may see the messages that nobody has taken yet."""
    return actor.belongs_to(*SEES_MESSAGES)


def waits() -> ColumnElement[bool]:
    """True for work items that are to be done, in the very words of the index that holds these alone."""
    return work_item.c.status.in_([literal_column(f"'{status}'") for status in TO_BE_DONE])


def waits_for(actor: Actor) -> ColumnElement[bool]:
    """True for work items to be done that the actor has, or could take since nobody else has them.

    Those with one candidate are found by that; candidates are only looked up where there are several. What was ever
    offered to a group becomes more with every year, and must not be gone through.
    """
    item = work_item.c
    # Said so that no index of assignees is taken for it: those that nobody has are many, and somebody else's.
    free = and_(waits(), func.coalesce(item.assignee, "") == "")
    return or_(
        and_(waits(), item.assignee == actor.user),
        and_(free, item.offered.in_(_names(actor))),
        and_(free, item.offered == SEVERAL, _is_candidate(actor, item.id)),
    )


def is_mine(actor: Actor) -> ColumnElement[bool]:
    """True for work items that the actor has, has completed, or could take, or could have taken, as nobody else did."""
    item = work_item.c
    return or_(
        item.assignee == actor.user,
        and_(item.assignee.is_(None), item.id.in_(_candidate_items(actor))),
    )


def may_see_instance(actor: Actor) -> ColumnElement[bool]:
    """True for an instance that the actor may see; asked of one instance or a few, whose work items are looked at."""
    if sees_all(actor):
        return true()
    part = work_item.alias("part")
    involved = or_(*(part.c[name] == actor.user for name in _PERSONS), _is_candidate(actor, part.c.id))
    took_part = exists().where(part.c.instance_id == instance.c.id, involved)
    return or_(instance.c.starter == actor.user, took_part)


def is_seen_instance(actor: Actor) -> ColumnElement[bool]:
    """The same, asked of all instances: those that the actor has to do with are found first."""
    if sees_all(actor):
        return true()
    item = work_item.c
    involved = union(
        *(select(item.instance_id).where(item[name] == actor.user) for name in _PERSONS),
        select(item.instance_id).where(item.id.in_(_candidate_items(actor))),
    )
    return or_(instance.c.starter == actor.user, instance.c.id.in_(involved))


def _candidate_items(actor: Actor) -> Select[tuple[str]]:
    """Ids of the work items that name the actor or one of the actor's groups as a candidate."""
    candidate = work_item_candidate.c
    return select(candidate.work_item_id).where(
        or_(
            and_(candidate.kind == "user", candidate.name == actor.user),
            and_(candidate.kind == "group", candidate.name.in_(sorted(actor.groups))),
        )
    )


def _is_candidate(actor: Actor, item_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a work item names the actor or one of the actor's groups as a candidate, by a look at its few."""
    candidate = work_item_candidate.c
    named = (candidate.kind + ":" + candidate.name).in_(_names(actor))
    return exists().where(candidate.work_item_id == item_id, named)


def _names(actor: Actor) -> list[str]:
    """What work items say that are offered to the actor, or to one of the actor's groups."""
    return [f"user:{actor.user}", *(f"group:{group}" for group in sorted(actor.groups))]


def offered_to(candidates: Sequence[tuple[str, str]]) -> str | None:
    """What a work item says of these candidates, each of a kind (user or group) with a name."""
    if not candidates:
        return None
    return SEVERAL if len(candidates) > 1 else ":".join(candidates[0])


_PERSONS = ("assignee", "owner")
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
