"""Drives the real engine through a story, each step by the person whose it is, at its own time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

from engine import Actor, CompleteTask, Database, Engine, NotFound, StartInstance
from plans.operations import OPERATIONS
from plans.organisation import OrganisationDirectory, people


class Parts(Protocol):
    """What the demonstration needs of an installation."""

    @property
    def database(self) -> Database:
        """Where everything is kept."""

    @property
    def engine(self) -> Engine:
        """The engine whose processes are deployed."""


class Clock:
    """A clock that the stories set; it never goes past the moment at which they are told."""

    def __init__(self, latest: datetime) -> None:
        self._latest = latest
        self._now = latest

    def __call__(self) -> datetime:
        return self._now

    def set(self, day: date, hour: int) -> None:
        """Go to an hour of a day; the stories' order in time is kept by minutes."""
        self._now = min(datetime.combine(day, time(hour, 10), UTC), self._latest)

    def pass_minutes(self, minutes: int) -> None:
        """Let a little time go by."""
        self._now = min(self._now + timedelta(minutes=minutes), self._latest)


class Driver:
    """Starts processes and completes tasks as the people of the company would."""

    def __init__(self, parts: Parts, now: datetime) -> None:
        self._database = parts.database
        self.clock = Clock(now)
        self._engine = Engine(
            parts.database,
            OrganisationDirectory,
            OPERATIONS,
            clock=self.clock,
            sandbox=parts.engine.services.sandbox,
        )

    def start(self, process: str, by: str, business_key: str, **variables: Any) -> Story:
        """Start a process with the data of its start form."""
        command = StartInstance(process, variables, business_key)
        return Story(self, self._engine.execute(command, self._actor(by)).instance_id)

    def complete(
        self,
        instance_id: str,
        step: str,
        by: str,
        outcome: str | None,
        comment: str | None,
        data: dict[str, Any],
    ) -> None:
        """Complete the task that waits at a step for this person."""
        self.clock.pass_minutes(7)
        actor = self._actor(by)
        command = CompleteTask(self._task(instance_id, step, actor), data, outcome, comment)
        self._engine.execute(command, actor)

    def variable(self, instance_id: str, name: str, by: str) -> Any:
        """A process variable as this person sees it."""
        with self._database.read() as session:
            return self._engine.queries(session, self._actor(by)).variables(instance_id)[name]

    def let_timers_fire(self) -> None:
        """Fire what is due at the clock's time."""
        self._engine.fire_due_timers()

    def _actor(self, name: str) -> Actor:
        with self._database.read() as session:
            actor = people.actor(session, name)
        if actor is None:
            raise NotFound("There is no person %(name)s.", name=name)
        return actor

    def _task(self, instance_id: str, step: str, actor: Actor) -> str:
        with self._database.read() as session:
            waiting = self._engine.queries(session, actor).tasks(mine=True, instance_id=instance_id).items
        for task in waiting:
            if task.element == step:
                return task.id
        raise NotFound("No task waits at %(step)s for %(name)s.", step=step, name=actor.user)


class Story:
    """One process instance on its way."""

    def __init__(self, driver: Driver, instance_id: str) -> None:
        self.driver = driver
        self.instance_id = instance_id

    def on(self, day: date, hour: int = 9) -> Story:
        """What follows happens at this time."""
        self.driver.clock.set(day, hour)
        return self

    def variable(self, name: str, by: str) -> Any:
        """A variable that the process has set by now."""
        return self.driver.variable(self.instance_id, name, by)

    def do(
        self, step: str, by: str, outcome: str | None = None, comment: str | None = None, **data: Any
    ) -> Story:
        """A person completes a step with the data of its form."""
        self.driver.complete(self.instance_id, step, by, outcome, comment, data)
        return self
