"""An instance in a real engine, restored from its database at every step."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from engine import CompleteTask, Engine, RetryIncident, StartInstance
from engine.storage.tables import incident, instance, job, subscription, work_item, work_item_candidate
from tests.engine.conftest import actor

ADMINISTRATOR = actor("administrator")


class Life:
    """Starts process ``p`` and does what people would do."""

    def __init__(self, engine: Engine, key: str = "p", **variables: Any) -> None:
        self.engine = engine
        started = engine.execute(StartInstance(key, variables), ADMINISTRATOR)
        self.id, self.status = started.instance_id, started.status

    def open(self) -> list[str]:
        """The elements whose work items are open, in the order of their tokens."""
        return [row.element for row in self._work()]

    def do(self, element: str, place: int = 0, outcome: str | None = None, **variables: Any) -> None:
        """Complete an open work item of an element."""
        found = [row.id for row in self._work() if row.element == element]
        done = self.engine.execute(CompleteTask(found[place], variables, outcome), ADMINISTRATOR)
        self.status = done.status

    def retry(self) -> None:
        """Retry the one open incident."""
        (found,) = self.incidents()
        self.status = self.engine.execute(RetryIncident(found.id), ADMINISTRATOR).status

    def incidents(self) -> list[Any]:
        """What is stuck."""
        stuck = select(incident).where(incident.c.instance_id == self.id, incident.c.resolved_at.is_(None))
        with self.engine.database.read() as session:
            return list(session.execute(stuck))

    def variables(self) -> dict[str, Any]:
        """The variables of the process."""
        return dict(self._row().variables)

    def completed(self) -> list[str]:
        """Elements in the order in which they were completed."""
        with self.engine.database.read() as session:
            told = self.engine.queries(session, ADMINISTRATOR).history(self.id, None, 1000).items
        return [event.element for event in told if event.kind in ("element.completed", "element.passed")]

    def size(self) -> int:
        """How many tokens are stored."""
        return len(json.loads(self._row().state)["t"])

    def left_over(self) -> int:
        """Work items, timers and subscriptions that still wait."""
        waits = [
            select(work_item.c.id).where(
                work_item.c.instance_id == self.id, work_item.c.status.in_(("open", "claimed"))
            ),
            select(job.c.id).where(job.c.instance_id == self.id),
            select(subscription.c.id).where(subscription.c.instance_id == self.id),
        ]
        with self.engine.database.read() as session:
            return sum(len(session.execute(each).all()) for each in waits)

    def offered(self, element: str) -> tuple[str | None, list[str]]:
        """Who has the work item of an element, and who may take it."""
        (item,) = [row for row in self._work() if row.element == element]
        named = select(work_item_candidate.c.name).where(work_item_candidate.c.work_item_id == item.id)
        with self.engine.database.read() as session:
            return item.assignee, sorted(session.scalars(named))

    def _row(self) -> Any:
        with self.engine.database.read() as session:
            return session.execute(select(instance).where(instance.c.id == self.id)).one()

    def _work(self) -> list[Any]:
        open_ = select(work_item).where(
            work_item.c.instance_id == self.id, work_item.c.status.in_(("open", "claimed"))
        )
        with self.engine.database.read() as session:
            return list(session.execute(open_.order_by(work_item.c.token)))
