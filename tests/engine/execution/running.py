"""A running instance in a real engine, as tests look at it: every step is a command of its own, stored and restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from engine import CompleteTask, CorrelateMessage, Engine, RetryIncident, StartInstance
from engine.storage.tables import incident, instance, job, subscription, work_item
from tests.engine.conftest import actor

ADMINISTRATOR = actor("administrator")


@dataclass
class Running:
    """An instance by its id."""

    engine: Engine
    id: str

    @property
    def status(self) -> str:
        return str(self._row().status)

    @property
    def state(self) -> str | None:
        found: str | None = self._row().state
        return found

    @property
    def variables(self) -> dict[str, Any]:
        return dict(self._row().variables)

    def _row(self) -> Any:
        with self.engine.database.read() as session:
            return session.execute(select(instance).where(instance.c.id == self.id)).one()

    @property
    def open_tasks(self) -> list[str]:
        """Elements of the tasks that are to be done, oldest first."""
        return [row.element for row in self._open_rows()]

    def _open_rows(self) -> list[Any]:
        query = select(work_item).where(work_item.c.instance_id == self.id, work_item.c.status == "open")
        with self.engine.database.read() as session:
            return list(session.execute(query.order_by(work_item.c.created_at, work_item.c.token)))

    def complete(self, element: str, values: Mapping[str, Any] | None = None) -> None:
        """Complete the oldest open task of an element."""
        found = next(row.id for row in self._open_rows() if row.element == element)
        self.engine.execute(CompleteTask(found, dict(values or {})), ADMINISTRATOR)

    def told(self, *kinds: str) -> list[str]:
        """Elements of the history events of these kinds, in order."""
        with self.engine.database.read() as session:
            found = self.engine.queries(session, ADMINISTRATOR).history(self.id, None, 500).items
        return [event.element or "" for event in found if event.kind in kinds]

    @property
    def entered(self) -> list[str]:
        return self.told("element.entered", "element.passed")

    @property
    def completed(self) -> list[str]:
        return self.told("element.completed", "element.passed")

    @property
    def cancelled(self) -> list[str]:
        return self.told("element.cancelled")

    @property
    def open_incidents(self) -> list[str]:
        return [row.element for row in self._incidents()]

    def _incidents(self) -> list[Any]:
        query = select(incident).where(incident.c.instance_id == self.id, incident.c.resolved_at.is_(None))
        with self.engine.database.read() as session:
            return list(session.execute(query.order_by(incident.c.created_at, incident.c.token)))

    def retry(self) -> None:
        """Try the one open incident again."""
        (found,) = self._incidents()
        self.engine.execute(RetryIncident(found.id), ADMINISTRATOR)

    @property
    def left_behind(self) -> dict[str, int]:
        """How many rows still wait for something: all 0 once an instance is over."""
        counted = {
            "timers": select(func.count()).where(job.c.instance_id == self.id),
            "subscriptions": select(func.count()).where(subscription.c.instance_id == self.id),
            "tasks": select(func.count()).where(
                work_item.c.instance_id == self.id, work_item.c.status.in_(("open", "claimed"))
            ),
            "incidents": select(func.count()).where(
                incident.c.instance_id == self.id, incident.c.resolved_at.is_(None)
            ),
        }
        with self.engine.database.read() as session:
            return {name: session.scalar(query) or 0 for name, query in counted.items()}


NOTHING = {"timers": 0, "subscriptions": 0, "tasks": 0, "incidents": 0}

Start = Callable[..., Running]


def start(engine: Engine, deploy: Callable[..., Any], file: bytes, **variables: Any) -> Running:
    """Deploy a file and start its process ``p``."""
    deploy(file)
    return Running(engine, engine.execute(StartInstance("p", variables), ADMINISTRATOR).instance_id)


def send(engine: Engine, name: str, payload: Mapping[str, Any] | None = None, **keys: Any) -> Running:
    """Send a message; returns the instance that got it."""
    done = engine.execute(CorrelateMessage(name, keys, dict(payload or {})), ADMINISTRATOR)
    return Running(engine, done.instance_id)
