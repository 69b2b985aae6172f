"""Plan adjustment (計劃調整, policy C4): a new version comes into force, the old one stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from plans import plans, versions
from plans.contents import Action, Contents, Goal
from plans.versions import IN_FORCE


@dataclass(frozen=True)
class Adjustment:
    """What an approved adjustment changes; None leaves that part as it is.

    ``document`` replaces only the parts that it names. ``ground`` is one of policy C1's.
    """

    ground: str | None = None
    reason: str | None = None
    document: Mapping[str, Any] | None = None
    goals: Sequence[Goal] | None = None
    actions: Sequence[Action] | None = None
    resources: Sequence[Mapping[str, Any]] | None = None
    risks: Sequence[Mapping[str, Any]] | None = None

    def applied_to(self, former: Contents) -> Contents:
        """The contents after the change."""
        parts = {
            name: getattr(self, name)
            for name in ("goals", "actions", "resources", "risks")
            if getattr(self, name) is not None
        }
        return replace(former, document={**former.document, **(self.document or {})}, **parts)


def adjust(
    session: Session, plan_id: str, adjustment: Adjustment, approved_by: str | None, now: datetime
) -> tuple[int, int]:
    """Make the changed plan the new version in force; return its number and the one it supersedes.

    Raises :class:`plans.refusals.NotInForce` for a plan that is only a draft.
    """
    found = plans.get_in_force(session, plan_id, lock=True)
    previous = versions.supersede(session, plan_id, now)
    if previous is None:
        raise plans.not_in_force(found)
    contents = adjustment.applied_to(versions.read(session, plan_id, previous))
    number = versions.add(
        session,
        plan_id,
        IN_FORCE,
        contents,
        now,
        approved_by=approved_by,
        ground=adjustment.ground,
        reason=adjustment.reason,
    )
    plans.mark_in_force(session, found, contents, now)
    return number, previous
