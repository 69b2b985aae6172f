"""How rows become views: what is selected for each, and the names that go with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from engine.deployments import Definition
from engine.directory import Actor, Directory, NamesMany
from engine.storage.tables import history, incident, instance, process_definition, work_item
from engine.views import (
    Fact,
    HistoryEvent,
    Incident,
    InstanceSummary,
    Outcome,
    ProcessSummary,
    StepComment,
    TaskSummary,
)
from engine.visibility import may_start

_ITEM = work_item.c
_RUN = instance.c
_MODEL = process_definition.c

TASK_COLUMNS = (
    _ITEM.id,
    _ITEM.element,
    _ITEM.name,
    _ITEM.status,
    _ITEM.instance_id,
    _ITEM.assignee,
    _ITEM.priority,
    _ITEM.created_at,
    _ITEM.due_at,
    _ITEM.completed_at,
    _ITEM.completed_by,
    _ITEM.outcome,
    _ITEM.revision,
    _RUN.title.label("instance_title"),
    _RUN.business_key,
    _RUN.process_key,
    _RUN.starter,
    _MODEL.name.label("process_name"),
)
INSTANCE_COLUMNS = (
    _RUN.id,
    _RUN.process_key,
    _MODEL.name.label("process_name"),
    _MODEL.version.label("process_version"),
    _RUN.business_key,
    _RUN.title,
    _RUN.starter,
    _RUN.status,
    _RUN.started_at,
    _RUN.ended_at,
    _RUN.updated_at,
)


def task_rows() -> Select[Any]:
    """Work items, each with its instance and process."""
    return (
        select(*TASK_COLUMNS)
        .join_from(work_item, instance, _RUN.id == _ITEM.instance_id)
        .join(process_definition, _MODEL.id == _RUN.definition_id)
    )


def instance_rows() -> Select[Any]:
    """Instances, each with its process."""
    return select(*INSTANCE_COLUMNS).join_from(instance, process_definition, _MODEL.id == _RUN.definition_id)


def incident_rows() -> Select[Any]:
    """Incidents, each with its instance."""
    title = _RUN.title.label("instance_title")
    return select(incident, title, _RUN.process_key).join_from(
        incident, instance, _RUN.id == incident.c.instance_id
    )


def history_rows() -> Select[Any]:
    """Events, each with the version of the process that it happened in."""
    version = _MODEL.version.label("process_version")
    return select(history, version).join_from(
        history, process_definition, _MODEL.id == history.c.definition_id
    )


class Pictures:
    """Makes views of rows for one reader, and asks for each person's display name once."""

    def __init__(self, actor: Actor, directory: Directory) -> None:
        self._actor = actor
        self._directory = directory
        self._names: dict[str, str] = {}

    def learn(self, rows: Collection[Row[Any]], *columns: str) -> None:
        """Ask for the names of all people in these columns at once, where the directory can tell them so."""
        users = {getattr(row, column) for row in rows for column in columns} - {None, *self._names}
        if users and isinstance(self._directory, NamesMany):
            known = self._directory.display_names(users)
            self._names.update({user: known.get(user, user) for user in users})

    def name(self, user: str) -> str:
        """How a person is shown; the sign-in name of who is not in the directory any more."""
        if user not in self._names:
            person = self._directory.person(user)
            self._names[user] = person.display_name if person is not None else user
        return self._names[user]

    def name_or_none(self, user: str | None) -> str | None:
        return None if user is None else self.name(user)

    def tasks(self, rows: Sequence[Row[Any]]) -> tuple[TaskSummary, ...]:
        self.learn(rows, "starter", "assignee", "completed_by")
        return tuple(map(self.task, rows))

    def task(self, row: Row[Any]) -> TaskSummary:
        values = {column.key: getattr(row, column.key) for column in TASK_COLUMNS}
        return TaskSummary(
            **values,
            starter_name=self.name(row.starter),
            assignee_name=self.name_or_none(row.assignee),
            completed_by_name=self.name_or_none(row.completed_by),
        )

    def instance(self, row: Row[Any], waiting_at: tuple[str, ...] = ()) -> InstanceSummary:
        values = {column.key: getattr(row, column.key) for column in INSTANCE_COLUMNS}
        return InstanceSummary(**values, starter_name=self.name(row.starter), waiting_at=waiting_at)

    def incident(self, row: Row[Any]) -> Incident:
        return Incident(
            id=row.id,
            instance_id=row.instance_id,
            instance_title=row.instance_title,
            process_key=row.process_key,
            element=row.element,
            element_name=row.element_name,
            error=row.error,
            attempts=row.attempts,
            created_at=row.created_at,
            resolved_at=row.resolved_at,
            resolved_by=row.resolved_by,
        )

    def events(self, rows: Sequence[Row[Any]]) -> tuple[HistoryEvent, ...]:
        self.learn(rows, "actor")
        return tuple(map(self.event, rows))

    def event(self, row: Row[Any]) -> HistoryEvent:
        return HistoryEvent(
            instance_id=row.instance_id,
            seq=row.seq,
            time=row.time,
            actor=row.actor,
            actor_name=self.name(row.actor),
            on_behalf_of=row.on_behalf_of,
            kind=row.kind,
            element=row.element,
            element_name=row.element_name,
            process_version=row.process_version,
            payload=row.payload,
            previous_hash=row.previous_hash,
            hash=row.hash,
        )

    def comments(self, rows: Sequence[Row[Any]]) -> tuple[StepComment, ...]:
        self.learn(rows, "completed_by")
        return tuple(map(self.comment, rows))

    def comment(self, row: Row[Any]) -> StepComment:
        decided = next((outcome for outcome in outcomes(row.outcomes) if outcome.id == row.outcome), None)
        return StepComment(
            task_id=row.id,
            element=row.element,
            step=row.name,
            author=row.completed_by,
            author_name=self.name(row.completed_by),
            time=row.completed_at,
            outcome=row.outcome,
            outcome_name=decided.name if decided else None,
            outcome_kind=decided.kind if decided else None,
            text=row.comment,
        )

    def process(self, found: Definition) -> ProcessSummary:
        return ProcessSummary(
            key=found.key,
            name=found.name,
            version=found.version,
            definition_id=found.id,
            deployment_id=found.deployment_id,
            deployed_at=found.created_at,
            executable=found.executable,
            starter_groups=found.starter_groups,
            startable=may_start(self._actor, found.executable, found.starter_groups),
        )


def outcomes(stored: list[Mapping[str, str]]) -> tuple[Outcome, ...]:
    """The outcomes of a work item's row."""
    return tuple(
        Outcome(given["id"], given["name"], given.get("kind", "neutral"), given.get("comment", "optional"))
        for given in stored
    )


def facts(stored: list[Mapping[str, Any]]) -> tuple[Fact, ...]:
    """The facts of a work item's row."""
    return tuple(Fact(given["label"], given.get("value")) for given in stored)
