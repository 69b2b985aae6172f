"""The read side: what one person may see of tasks, instances, history and processes.

Every answer takes a fixed number of SQL statements, however much it holds. What the reader may not see is
left out of lists, and refused with `Forbidden` when asked for by id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from engine import tracks
from engine.cursors import Order, fetch, first
from engine.deployments import latest as find_latest
from engine.deployments import latest_all, resource_bytes, resource_names
from engine.directory import Actor, Directory
from engine.errors import FieldProblem, Forbidden, Invalid, NotFound
from engine.jobs.listing import SHOWN, job_page, worker_list
from engine.messages import translatable
from engine.pictures import Pictures, facts, history_rows, incident_rows, instance_rows, outcomes, task_rows
from engine.starting.failures import failed_starts
from engine.storage.metadata import UtcDateTime
from engine.storage.tables import (
    deployment,
    history,
    incident,
    instance,
    message,
    process_definition,
    work_item,
    work_item_candidate,
)
from engine.views import (
    Candidate,
    DiagramState,
    FailedStart,
    HistoryEvent,
    Incident,
    InstanceDetail,
    InstanceSummary,
    JobSummary,
    KeptMessage,
    Page,
    ProcessDetail,
    ProcessSummary,
    ProcessVersion,
    StepComment,
    TaskDetail,
    TaskSummary,
    WorkerSummary,
)
from engine.visibility import (
    TO_BE_DONE,
    is_mine,
    is_seen_instance,
    may_complete,
    may_see_instance,
    may_terminate,
    sees_all,
    sees_messages,
    waits,
    waits_for,
)

Conditions = tuple[ColumnElement[bool], ...]

COMMENTS_SHOWN = 100
TASK_STATUSES: Mapping[str, tuple[str, ...]] = {
    "open": TO_BE_DONE,
    "claimed": ("claimed",),
    "completed": ("completed",),
    "cancelled": ("cancelled",),
    "all": ("open", "claimed", "completed", "cancelled"),
}
INSTANCE_STATUSES = ("active", "completed", "terminated", "failed")

# Stands for no due date: after all that is due, and not at the end of time, which time zones would overstep.
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
_BY_DUE = Order(
    "due",
    func.coalesce(work_item.c.due_at, literal(_NEVER, UtcDateTime())),
    work_item.c.created_at,
    work_item.c.id,
)
_BY_DONE = Order(
    "done", func.coalesce(work_item.c.completed_at, work_item.c.created_at), work_item.c.id, descending=True
)
_BY_START = Order("started", instance.c.started_at, instance.c.id, descending=True)
_BY_SEQ = Order("oldest", history.c.seq)
_BY_SEQ_BACK = Order("newest", history.c.seq, descending=True)
_BY_SENT = Order("sent", message.c.id)
_BY_RAISED = Order("raised", incident.c.created_at, incident.c.id, descending=True)


class Queries:
    """Questions that ``actor`` asks within one transaction. ``directory`` gives people's display names."""

    def __init__(self, session: Session, actor: Actor, directory: Directory) -> None:
        self._session = session
        self._actor = actor
        self._pictures = Pictures(actor, directory)

    def tasks(
        self,
        mine: bool = False,
        group: str | None = None,
        status: str = "open",
        process_key: str | None = None,
        instance_id: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[TaskSummary]:
        """Tasks: those to be done by due date, done ones latest first.

        ``mine``: the reader's, or free for the reader to take. ``group``: those that this group may take.
        ``status``: open (claimed or not), claimed, completed, cancelled or all. Raises `Invalid`.
        """
        _check_known("status", status, TASK_STATUSES)
        found = select(work_item.c.id).where(work_item.c.status.in_(TASK_STATUSES[status]))
        found = found.where(*self._whose(mine, status))
        if not mine or process_key is not None:
            found = found.join(instance, instance.c.id == work_item.c.instance_id)
        if group is not None:
            found = found.where(exists(_items_of_group(group).where(_OFFERED.work_item_id == work_item.c.id)))
        found = _where_given(
            found, {instance.c.process_key: process_key, work_item.c.instance_id: instance_id}
        )
        order = _BY_DUE if status in TO_BE_DONE else _BY_DONE
        query = task_rows().where(work_item.c.id.in_(first(found, order, cursor, limit)))
        rows, following = fetch(self._session, query, order, cursor, limit)
        return Page(self._pictures.tasks(rows), following)

    def open_task_count(self) -> int:
        """How many tasks wait for the reader: the reader's, or free to take."""
        waiting = select(func.count()).select_from(work_item).where(waits_for(self._actor))
        return self._session.scalar(waiting) or 0

    def task(self, task_id: str) -> TaskDetail:
        """A task with all that its page shows. Raises `NotFound`, `Forbidden`."""
        row = self._seen(
            task_rows().add_columns(*_TASK_PAGE).where(work_item.c.id == task_id),
            NotFound(translatable("There is no task %(id)s."), id=task_id),
            Forbidden(translatable("This task is not yours to see.")),
        )
        candidates = self._candidates(task_id)
        live = row.status in TO_BE_DONE and row.instance_status == "active"
        candidate = any(self._is_named(each) for each in candidates)
        mine = live and may_complete(self._actor, row.assignee, candidate)
        return TaskDetail(
            summary=self._pictures.task(row),
            instance=self._instances([row.instance_id])[0],
            definition_id=row.definition_id,
            deployment_id=row.deployment_id,
            form=row.form,
            outcomes=outcomes(row.outcomes),
            facts=facts(row.facts),
            candidates=candidates,
            owner=row.owner,
            claimed_at=row.claimed_at,
            comment=row.comment,
            draft=row.draft if mine else None,
            variables={**row.variables, **(row.data or {})},
            comments=self._comments(row.instance_id, task_id),
            may_complete=mine,
            may_claim=live and row.assignee is None and candidate,
            may_release=mine and row.status == "claimed" and bool(candidates),
        )

    def instances(
        self,
        mine: bool = False,
        status: str | None = None,
        process_key: str | None = None,
        business_key: str | None = None,
        search: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[InstanceSummary]:
        """Instances, latest start first.

        ``mine``: those the reader started. ``search``: text in the title or the business key, in any case.
        """
        if status is not None:
            _check_known("status", status, INSTANCE_STATUSES)
        own = instance.c.starter == self._actor.user
        query = instance_rows().where(own if mine else self._is_seen())
        if search:
            query = query.where(
                _contains(instance.c.title, search) | _contains(instance.c.business_key, search)
            )
        query = _where_given(
            query,
            {
                instance.c.status: status,
                instance.c.process_key: process_key,
                instance.c.business_key: business_key,
            },
        )
        rows, following = fetch(self._session, query, _BY_START, cursor, limit)
        return Page(self._summaries(rows), following)

    def instance(self, instance_id: str) -> InstanceDetail:
        """An instance with all that its page shows. Raises `NotFound`, `Forbidden`."""
        row = self._seen_instance(instance_id)
        family = self._instances([instance_id], children_too=True)
        tasks = task_rows().where(work_item.c.instance_id == instance_id, work_item.c.status.in_(TO_BE_DONE))
        return InstanceDetail(
            summary=next(each for each in family if each.id == instance_id),
            definition_id=row.definition_id,
            deployment_id=row.deployment_id,
            revision=row.revision,
            parent_instance=row.parent_instance,
            children=tuple(each for each in family if each.id != instance_id),
            tasks=self._pictures.tasks(self._session.execute(tasks.order_by(*_BY_DUE.columns)).all()),
            incidents=self._open_incidents(instance_id),
            may_terminate=row.status == "active" and may_terminate(self._actor, row.starter),
        )

    def variables(self, instance_id: str) -> Mapping[str, Any]:
        """The variables of the process scope. Raises `NotFound`, `Forbidden`."""
        variables: Mapping[str, Any] = self._seen_instance(instance_id).variables
        return variables

    def history(
        self,
        instance_id: str,
        cursor: str | None = None,
        limit: int = 50,
        kinds: Collection[str] = (),
        newest_first: bool = False,
    ) -> Page[HistoryEvent]:
        """Events of an instance in order, or only those of ``kinds``. Raises `NotFound`, `Forbidden`."""
        self._seen_instance(instance_id)
        query = history_rows().where(history.c.instance_id == instance_id)
        if kinds:
            query = query.where(history.c.kind.in_(sorted(kinds)))
        order = _BY_SEQ_BACK if newest_first else _BY_SEQ
        rows, following = fetch(self._session, query, order, cursor, limit)
        return Page(self._pictures.events(rows), following)

    def diagram(self, instance_id: str) -> DiagramState:
        """Where an instance stands and which way it went. Raises `NotFound`, `Forbidden`."""
        row = self._seen_instance(instance_id)
        of_it = history.c.instance_id == instance_id, history.c.definition_id == row.definition_id
        entered, completed, cancelled = tracks.element_counts(self._session, of_it)
        active = {
            element: count - completed.get(element, 0) - cancelled.get(element, 0)
            for element, count in entered.items()
        }
        return DiagramState(
            instance_id=instance_id,
            definition_id=row.definition_id,
            xml=resource_bytes(self._session, row.deployment_id, row.resource_name),
            active={element: count for element, count in active.items() if count > 0},
            completed=completed,
            taken_flows=tracks.taken_flows(self._session, of_it),
            incidents=self._open_incidents(instance_id),
        )

    def processes(self) -> tuple[ProcessSummary, ...]:
        """The latest version of every process, by key."""
        return tuple(map(self._pictures.process, latest_all(self._session)))

    def process(self, key: str) -> ProcessDetail:
        """A process with its versions and its BPMN. Raises `NotFound`."""
        latest = find_latest(self._session, key)
        return ProcessDetail(
            summary=self._pictures.process(latest),
            versions=tuple(map(self._version, self._session.execute(_versions(key)))),
            xml=resource_bytes(self._session, latest.deployment_id, latest.resource_name),
            resources=tuple(resource_names(self._session, latest.deployment_id)),
            failed_starts=failed_starts(self._session, key) if sees_all(self._actor) else (),
        )

    def failed_starts(self) -> tuple[FailedStart, ...]:
        """What could not start its process, of all processes; for those who see every instance. Raises `Forbidden`."""
        if not sees_all(self._actor):
            raise Forbidden(translatable("Incidents are for operators and designers."))
        return failed_starts(self._session)

    def incidents(self, resolved: bool = False, cursor: str | None = None, limit: int = 50) -> Page[Incident]:
        """What stopped instances, latest first; for those who see every instance. Raises `Forbidden`."""
        if not sees_all(self._actor):
            raise Forbidden(translatable("Incidents are for operators and designers."))
        query = incident_rows().where(incident.c.resolved_at.is_not(None) if resolved else _UNRESOLVED)
        rows, following = fetch(self._session, query, _BY_RAISED, cursor, limit)
        return Page(tuple(map(self._pictures.incident, rows)), following)

    def jobs(self, status: str | None = None, cursor: str | None = None, limit: int = 50) -> Page[JobSummary]:
        """What is to be done by itself: due, running or failed, or all of it; for administrators.

        Raises `Forbidden`, and `Invalid` for another status.
        """
        if not self._actor.belongs_to("administrator"):
            raise Forbidden(translatable("Jobs are for administrators."))
        if status is not None:
            _check_known("status", status, SHOWN)
        return job_page(self._session, status, cursor, limit)

    def workers(self) -> tuple[WorkerSummary, ...]:
        """Who does jobs, or did within a day, those that are alive first; for administrators. Raises `Forbidden`."""
        if not self._actor.belongs_to("administrator"):
            raise Forbidden(translatable("Workers are for administrators."))
        return worker_list(self._session)

    def messages(self, cursor: str | None = None, limit: int = 50) -> Page[KeptMessage]:
        """Messages that nobody has taken yet, and signals on their way, oldest first. Raises `Forbidden`."""
        if not sees_messages(self._actor):
            raise Forbidden(translatable("Messages are for administrators, auditors and other systems."))
        shown = [message.c[field.name] for field in fields(KeptMessage)]
        rows, following = fetch(self._session, select(*shown), _BY_SENT, cursor, limit)
        return Page(tuple(KeptMessage(*row[: len(shown)]) for row in rows), following)

    def _whose(self, mine: bool, status: str) -> Conditions:
        """Which of the tasks in this state are listed; those that wait are found by the index that holds them alone."""
        live = set(TASK_STATUSES[status]) <= set(TO_BE_DONE)
        if mine and status == "completed":
            return (work_item.c.assignee == self._actor.user,)
        if mine:
            return (waits_for(self._actor) if live else is_mine(self._actor),)
        return (waits(), may_see_instance(self._actor)) if live else (self._is_seen(),)

    def _is_seen(self) -> ColumnElement[bool]:
        """Whether an instance is seen, for a list of all of them.

        Whoever was only ever named in person is concerned with few, which are found first. What is offered to a group
        is most of what there is, so that the newest are looked at one by one.
        """
        groups = sorted(self._actor.groups)
        if groups and not sees_all(self._actor):
            offered = (exists(_items_of_group(group)) for group in groups)
            if any(self._session.execute(select(*offered)).one()):
                return may_see_instance(self._actor)
        return is_seen_instance(self._actor)

    def _seen(self, query: Select[Any], missing: NotFound, refused: Forbidden) -> Row[Any]:
        """The one row of a query over instances, if it is there and the reader may see it."""
        seen = may_see_instance(self._actor).label("is_seen")
        row = self._session.execute(query.add_columns(seen)).first()
        if row is None:
            raise missing
        if not row.is_seen:
            raise refused
        return row

    def _seen_instance(self, instance_id: str) -> Row[Any]:
        query = (
            select(
                instance.c.definition_id,
                instance.c.revision,
                instance.c.parent_instance,
                instance.c.status,
                instance.c.starter,
                instance.c.variables,
                process_definition.c.deployment_id,
                process_definition.c.resource_name,
            )
            .join_from(instance, process_definition)
            .where(instance.c.id == instance_id)
        )
        return self._seen(
            query,
            NotFound(translatable("There is no instance %(id)s."), id=instance_id),
            Forbidden(translatable("This instance is not yours to see.")),
        )

    def _instances(self, ids: Collection[str], children_too: bool = False) -> tuple[InstanceSummary, ...]:
        wanted: ColumnElement[bool] = instance.c.id.in_(ids)
        if children_too:
            wanted = or_(wanted, instance.c.parent_instance.in_(ids))
        query = instance_rows().where(wanted).order_by(instance.c.started_at, instance.c.id)
        return self._summaries(self._session.execute(query))

    def _summaries(self, rows: Iterable[Row[Any]]) -> tuple[InstanceSummary, ...]:
        found = list(rows)
        steps: dict[str, list[str]] = {row.id: [] for row in found}
        query = (
            select(work_item.c.instance_id, work_item.c.name)
            .where(work_item.c.instance_id.in_(steps), work_item.c.status.in_(TO_BE_DONE))
            .order_by(work_item.c.created_at, work_item.c.id)
        )
        for row in self._session.execute(query):
            if row.name not in steps[row.instance_id]:
                steps[row.instance_id].append(row.name)
        self._pictures.learn(found, "starter")
        return tuple(self._pictures.instance(row, tuple(steps[row.id])) for row in found)

    def _candidates(self, task_id: str) -> tuple[Candidate, ...]:
        query = (
            select(work_item_candidate.c.kind, work_item_candidate.c.name)
            .where(work_item_candidate.c.work_item_id == task_id)
            .order_by(work_item_candidate.c.kind.desc(), work_item_candidate.c.name)
        )
        return tuple(Candidate(row.kind, row.name) for row in self._session.execute(query))

    def _is_named(self, candidate: Candidate) -> bool:
        return candidate.name in ({self._actor.user} if candidate.kind == "user" else self._actor.groups)

    def _comments(self, instance_id: str, but_of: str) -> tuple[StepComment, ...]:
        item = work_item.c
        query = (
            select(item.id, item.element, item.name, item.completed_by, item.completed_at)
            .add_columns(item.outcome, item.outcomes, item.comment)
            .where(item.instance_id == instance_id, item.id != but_of, item.status == "completed")
            .where(item.comment.is_not(None), item.comment != "")
            .order_by(item.completed_at.desc(), item.id)
            .limit(COMMENTS_SHOWN)
        )
        return self._pictures.comments(self._session.execute(query).all()[::-1])

    def _open_incidents(self, instance_id: str) -> tuple[Incident, ...]:
        query = (
            incident_rows()
            .where(incident.c.instance_id == instance_id, _UNRESOLVED)
            .order_by(incident.c.created_at, incident.c.id)
            .limit(COMMENTS_SHOWN)
        )
        return tuple(map(self._pictures.incident, self._session.execute(query)))

    def _version(self, row: Row[Any]) -> ProcessVersion:
        return ProcessVersion(
            version=row.version,
            definition_id=row.id,
            deployment_id=row.deployment_id,
            deployed_at=row.created_at,
            deployed_by=row.actor,
            deployed_by_name=self._pictures.name(row.actor),
            active_instances=row.active_instances,
        )


_TASK_PAGE = (
    work_item.c.form,
    work_item.c.outcomes,
    work_item.c.facts,
    work_item.c.owner,
    work_item.c.claimed_at,
    work_item.c.comment,
    work_item.c.draft,
    work_item.c.data,
    instance.c.variables,
    instance.c.status.label("instance_status"),
    instance.c.definition_id,
    process_definition.c.deployment_id,
)
_OFFERED = work_item_candidate.c
_UNRESOLVED = incident.c.resolved_at.is_(None)


def _items_of_group(group: str) -> Select[Any]:
    return select(_OFFERED.work_item_id).where(_OFFERED.kind == "group", _OFFERED.name == group)


def _versions(key: str) -> Select[Any]:
    running = (
        select(func.count())
        .where(instance.c.definition_id == process_definition.c.id, instance.c.status == "active")
        .scalar_subquery()
    )
    return (
        select(process_definition, deployment.c.actor, running.label("active_instances"))
        .join_from(process_definition, deployment, deployment.c.id == process_definition.c.deployment_id)
        .where(process_definition.c.key == key)
        .order_by(process_definition.c.version.desc())
    )


def _where_given(query: Select[Any], values: Mapping[ColumnElement[Any], str | None]) -> Select[Any]:
    """Only the rows that have these values; None leaves a column open."""
    return query.where(*(column == value for column, value in values.items() if value is not None))


def _contains(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    return column.icontains(text, autoescape=True)


def _check_known(field: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        template = translatable("“%(value)s” is none of: %(known)s.")
        problem = FieldProblem(field, template, {"value": value, "known": ", ".join(known)})
        raise Invalid(translatable("The list cannot be filtered like that."), [problem])
