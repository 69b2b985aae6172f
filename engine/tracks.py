"""The ways that tokens went through a diagram, as history tells them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine.storage.tables import history

Conditions = Sequence[ColumnElement[bool]]


def element_counts(
    session: Session, of_it: Conditions
) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """How often each element was entered, completed and cancelled; counted by the database.

    ``of_it``: of the diagram's own process. A process that it calls may use the same ids for other elements.
    """
    entered, completed, cancelled = Counter[str](), Counter[str](), Counter[str]()
    counted = {
        "element.entered": (entered,),
        "element.completed": (completed,),
        "element.passed": (entered, completed),
        "element.cancelled": (cancelled,),
    }
    query = (
        select(history.c.kind, history.c.element, func.count().label("times"))
        .where(*of_it, history.c.kind.in_(counted))
        .group_by(history.c.kind, history.c.element)
    )
    for row in session.execute(query):
        for counts in counted[row.kind]:
            counts[row.element] += row.times
    return dict(entered), dict(completed), dict(cancelled)


def taken_flows(session: Session, of_it: Conditions) -> tuple[str, ...]:
    """The sequence flows that tokens went along. Elements are left on few different sets of them."""
    one, several = (history.c.payload[name].as_string() for name in ("flow", "flows"))
    taken = select(one, several).where(
        *of_it,
        history.c.kind.in_(("flow.taken", "element.completed", "element.passed")),
        or_(one.is_not(None), several.is_not(None)),
    )
    found = session.execute(taken.distinct()).all()
    return tuple(sorted({name for flow, flows in found for name in ([flow] if flow else json.loads(flows))}))
