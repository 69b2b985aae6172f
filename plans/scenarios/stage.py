"""Where scenarios are played: a stage knows how to start, complete and look. One for the engine itself is here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from engine import SYSTEM, Actor, CompleteTask, Database, Engine, NotFound, OperationContext, StartInstance
from engine.messages import translatable as _
from engine.sandbox import Sandbox
from engine.storage.tables import job
from plans.operations import OPERATIONS
from plans.organisation import departments as departments_of
from plans.organisation import people as people_of
from plans.organisation.directory import OrganisationDirectory
from plans.queries import PlanQueries

PLAN_MIGRATIONS = Path(__file__).parent.parent / "migrations" / "versions"
MAX_TIMERS = 100


@dataclass(frozen=True)
class Ended:
    """How an instance stands at the end of a scenario. ``visited`` and ``ends`` are element ids."""

    status: str
    variables: Mapping[str, Any]
    visited: frozenset[str]
    ends: tuple[str, ...]


class Stage(Protocol):
    """What playing a scenario needs. Tasks and instances are ids; refusals are raised as engine errors."""

    def set_time(self, now: datetime) -> None: ...

    def people(
        self, people: Mapping[str, Mapping[str, Any]], departments: Mapping[str, Mapping[str, Any]]
    ) -> None: ...

    def operation(self, user: str, name: str, inputs: Mapping[str, Any]) -> None: ...

    def start(
        self, user: str, process: str, variables: Mapping[str, Any], business_key: str | None
    ) -> str: ...

    def find_task(self, instance: str, element: str, user: str) -> str | None: ...

    def waiting(self, instance: str) -> list[str]: ...

    def facts(self, task: str, user: str) -> Mapping[str, Any]: ...

    def complete(
        self, task: str, user: str, variables: Mapping[str, Any], outcome: str | None, comment: str | None
    ) -> None: ...

    def elapse(self, instance: str, element: str) -> None: ...

    def ended(self, instance: str) -> Ended: ...

    def plan(self, ended: Ended) -> Mapping[str, Any]: ...


class EngineStage:
    """Plays on an engine of its own, with a clock that only the scenario moves."""

    def __init__(self, database: Database, sandbox: Sandbox) -> None:
        self.now = datetime.min
        self.database = database
        self.engine = Engine(
            database, OrganisationDirectory, OPERATIONS, clock=lambda: self.now, sandbox=sandbox
        )

    @classmethod
    @contextmanager
    def temporary(cls, processes: Path, sandbox: Sandbox) -> Iterator[EngineStage]:
        """A stage with all processes of a folder deployed, in a database that goes when it is over."""
        with tempfile.TemporaryDirectory(prefix="planflow-scenario-") as folder:
            database = Database(f"sqlite:///{folder}/scenario.db", [PLAN_MIGRATIONS])
            try:
                database.upgrade()
                stage = cls(database, sandbox)
                stage.deploy(processes)
                yield stage
            finally:
                database.close()

    def deploy(self, processes: Path) -> None:
        """Deploy every process folder of a folder."""
        self.now = datetime.now().astimezone()
        for folder in sorted(p for p in processes.iterdir() if (p / "process.bpmn").is_file()):
            self.engine.deploy(files_of(folder), SYSTEM, folder.name)

    def set_time(self, now: datetime) -> None:
        self.now = now

    def people(
        self, people: Mapping[str, Mapping[str, Any]], departments: Mapping[str, Mapping[str, Any]]
    ) -> None:
        with self.database.write() as session:
            arrange_people(session, people, departments, self.now)

    def operation(self, user: str, name: str, inputs: Mapping[str, Any]) -> None:
        with self.database.write() as session:
            directory = OrganisationDirectory(session)
            context = OperationContext(session, directory, "", "", user, user, self.now)
            OPERATIONS[name](context, inputs)

    def start(self, user: str, process: str, variables: Mapping[str, Any], business_key: str | None) -> str:
        command = StartInstance(process, variables, business_key)
        return self.engine.execute(command, self._actor(user)).instance_id

    def find_task(self, instance: str, element: str, user: str) -> str | None:
        actor = self._actor(user)
        with self.database.read() as session:
            queries = self.engine.queries(session, actor)
            found = queries.tasks(mine=True, instance_id=instance, limit=200).items
        fitting = [task for task in found if task.element == element]
        fitting.sort(key=lambda task: (task.assignee != user, task.created_at, task.id))
        return fitting[0].id if fitting else None

    def waiting(self, instance: str) -> list[str]:
        with self.database.read() as session:
            return [task.element for task in self.engine.queries(session, SYSTEM).instance(instance).tasks]

    def facts(self, task: str, user: str) -> Mapping[str, Any]:
        view = self.engine.view_task(task, self._actor(user))
        return {fact.label: fact.value for fact in view.detail.facts}

    def complete(
        self, task: str, user: str, variables: Mapping[str, Any], outcome: str | None, comment: str | None
    ) -> None:
        self.engine.execute(CompleteTask(task, variables, outcome, comment), self._actor(user))

    def elapse(self, instance: str, element: str) -> None:
        """Let the clock go from timer to timer until the one at ``element`` has fired."""
        for _round in range(MAX_TIMERS):
            waiting = self._timers(instance)
            if not waiting:
                break
            self.now = max(self.now, waiting[0].due_at)
            self.engine.fire_due_timers()
            if any(row.element == element and row.due_at <= self.now for row in waiting):
                return
        raise NotFound(_("The timer “%(element)s” does not run."), element=element)

    def _timers(self, instance: str) -> Sequence[Row[Any, Any]]:
        """The timers of an instance, the next one first."""
        query = select(job.c.element, job.c.due_at).where(
            job.c.instance_id == instance, job.c.kind == "timer"
        )
        with self.database.read() as session:
            return session.execute(query.order_by(job.c.due_at, job.c.id)).all()

    def ended(self, instance: str) -> Ended:
        with self.database.read() as session:
            queries = self.engine.queries(session, SYSTEM)
            detail, state = queries.instance(instance), queries.diagram(instance)
            variables = dict(queries.variables(instance))
            spec = self.engine.services.definitions.spec(session, detail.definition_id)
        ends = tuple(e for e in state.completed if spec.task_specs[e].element.kind == "endEvent")
        visited = frozenset(state.completed) | frozenset(state.active)
        return Ended(detail.summary.status, variables, visited, ends)

    def plan(self, ended: Ended) -> Mapping[str, Any]:
        with self.database.read() as session:
            return plan_of(PlanQueries(session, SYSTEM), ended, self.now)

    def _actor(self, user: str) -> Actor:
        with self.database.read() as session:
            actor = people_of.actor(session, user)
        if actor is None:
            raise NotFound(_("There is no %(user)s among the people of the scenario."), user=user)
        return actor


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a process folder that are deployed, by their names relative to it."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.suffix in (".bpmn", ".dmn", ".form")
    }


def plan_of(queries: PlanQueries, ended: Ended, now: datetime) -> Mapping[str, Any]:
    """What can be expected of the plan that an instance worked on: its status, version, reference and kind."""
    detail = queries.plan(str(ended.variables["plan_id"]), today=now.date())
    return vars(detail.plan)


def arrange_people(
    session: Session,
    people: Mapping[str, Mapping[str, Any]],
    departments: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Let the people and departments of a scenario exist; those that are there already stay as they are."""
    new = [name for name in people if not people_of.exists(session, name)]
    for name in new:
        people_of.create_person(
            session,
            name,
            display_name=name.replace("_", " ").capitalize(),
            roles=people[name].get("roles", ()),
            now=now,
        )
    for name in new:
        if people[name].get("superior"):
            people_of.set_superior(session, name, people[name]["superior"])
    for key, department in departments.items():
        if not departments_of.exists(session, key):
            departments_of.create_department(session, key, department["name"], department.get("head"))
            for member in department.get("members") or ():
                departments_of.add_member(session, key, member)
