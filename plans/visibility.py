"""Who may see which plan.

Plans in force belong to the company: everybody with a role or department sees them, older versions included.
Drafts are seen by their owner, the owner's superiors, management, auditors and administrators.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session

from engine import Actor, NotFound
from engine.messages import translatable
from plans import plans
from plans.plans import EFFECTIVE, Plan
from plans.tables import person, plan

SEE_ALL = ("management", "auditor", "administrator")


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition on the plan table that selects what this actor may see."""
    if actor.belongs_to(*SEE_ALL):
        return true()
    below = select(person.c.name).where(person.c.name == actor.user).cte(recursive=True)
    below = below.union(select(person.c.name).where(person.c.superior == below.c.name))
    of_the_company = plan.c.status.in_(EFFECTIVE) if actor.groups else false()
    return or_(of_the_company, plan.c.owner.in_(select(below.c.name)))


def get_visible(session: Session, plan_id: str, actor: Actor) -> Plan:
    """The plan. One that this actor may not see is answered like one that does not exist."""
    wanted = select(*plans.COLUMNS).where(plan.c.id == plan_id, visible_to(actor))
    row = session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound(translatable("There is no plan %(id)s."), id=plan_id)
    return Plan(*row)
