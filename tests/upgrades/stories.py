"""What is played: a scenario, whose steps may also be messages, signals, and work that lies outside.

``message: paid`` with ``keys``, ``signal: go``, ``work: post`` (whatever waits for another system is done). The text
is kept with what it has left in a database, so that it is told to its end as it was begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from engine import SYSTEM, Actor, ClaimTask, Database, Engine, RetryIncident, SaveDraft
from engine.commands import CorrelateMessage, ThrowSignal
from engine.operations import OutsideCall, outside
from engine.sandbox import Sandbox
from engine.storage.tables import incident, work_item_candidate
from plans.operations import OPERATIONS
from plans.organisation.directory import OrganisationDirectory
from plans.scenarios import EngineStage, Scenario
from plans.scenarios.playing import begin, compare, prepare, take
from plans.scenarios.reading import Step, scenario_of
from plans.scenarios.stage import Ended

OWN_KINDS = ("message", "signal", "work")
ADMINISTRATOR = Actor("root", frozenset({"administrator"}), "Root")
LATER = timedelta(minutes=10)
"""After which a lease that a dead worker held is over, and a call that has failed is tried again."""


def post(call: OutsideCall, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Another system that answers at once."""
    return {"said": inputs["what"], "to": call.process_key}


@dataclass(frozen=True)
class Story:
    """``file`` tells it by name, ``text`` is its YAML."""

    file: str
    text: str
    scenario: Scenario
    steps: tuple[Step, ...]

    @property
    def process(self) -> str:
        """The key of the process that it is about."""
        return self.scenario.process

    def prepare(self, stage: StoredStage, processes: Path) -> None:
        """What has to be there before it begins."""
        prepare(self.scenario, stage, processes)

    def begin(self, stage: StoredStage) -> str:
        """Start it; returns the instance's id."""
        return begin(self.scenario, stage)

    def take(self, number: int, stage: StoredStage, instance: str) -> None:
        """Take the step of this number, from 0."""
        step = self.steps[number]
        if step.kind not in OWN_KINDS:
            take(step, stage, instance)
        elif step.kind == "work":
            stage.now += LATER
            stage.engine.work_off()
        else:
            thrown = ThrowSignal(step.element)
            sent = CorrelateMessage(step.element, step.variables)
            stage.engine.execute(thrown if step.kind == "signal" else sent, SYSTEM)

    def go_on(self, number: int, stage: StoredStage, instance: str) -> Ended:
        """Everything from the step of this number to the end, which must be as the story tells it."""
        stage.settle()
        for step in range(number, len(self.steps)):
            self.take(step, stage, instance)
            stage.settle()
        ended = stage.ended(instance)
        compare(self.scenario.expect, ended, stage)
        return ended


class StoredStage(EngineStage):
    """A stage on a database that may have been stored by another version, with an operation that reaches outside."""

    def __init__(
        self, database: Database, sandbox: Sandbox, operations: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(database, sandbox)
        own = {**(operations or OPERATIONS), "tests.post": outside(post, ("PT1M",))}
        self.engine = Engine(database, OrganisationDirectory, own, clock=lambda: self.now, sandbox=sandbox)

    def incidents(self) -> list[str]:
        """Ids of those that nobody has resolved."""
        with self.database.read() as session:
            return list(session.scalars(select(incident.c.id).where(incident.c.resolved_at.is_(None))))

    def settle(self) -> None:
        """Have everything tried again that has stopped, and messages handed over."""
        for each in self.incidents():
            self.engine.execute(RetryIncident(each), ADMINISTRATOR)
        while self.engine.deliver_messages():
            pass

    def take_up(self, instance: str, step: Step) -> bool:
        """Claim the task of a step if others might, and begin to fill it in. Returns whether there was one."""
        task = self.find_task(instance, step.element, step.by) if step.kind == "task" else None
        if task is None:
            return False
        with self.database.read() as session:
            candidates = select(work_item_candidate).where(work_item_candidate.c.work_item_id == task)
            shared = session.execute(candidates).first() is not None
        if shared:
            self.engine.execute(ClaimTask(task), self._actor(step.by))
        self.engine.execute(SaveDraft(task, dict(step.variables)), self._actor(step.by))
        return True


def story_of(file: str, text: str) -> Story:
    """Read a story; ``file`` is what it is kept as."""
    content = yaml.safe_load(text)
    told = content["steps"]
    known = [step for step in told if not _own(step)]
    scenario = scenario_of({**content, "steps": known})
    read = iter(scenario.steps)
    steps = tuple(_own_step(step) if _own(step) else next(read) for step in told)
    return Story(file, text, scenario, steps)


def _own(step: Mapping[str, Any]) -> bool:
    return any(kind in step for kind in OWN_KINDS)


def _own_step(step: Mapping[str, Any]) -> Step:
    kind = next(kind for kind in OWN_KINDS if kind in step)
    return Step(kind, str(step[kind]), variables=step.get("keys") or {})
