"""A task as a person opens it: the facts that decide, the form, and the data that fills it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from engine.context import CommandContext
from engine.errors import BpmnError, PlanFlowError
from engine.execution.build import ProcessSpec
from engine.execution.state import restore
from engine.queries import Queries
from engine.storage.tables import history, instance, work_item
from engine.views import Fact, TaskDetail


@dataclass(frozen=True)
class TaskView:
    """``form`` is form-js JSON, or None; ``data`` are only those variables that the form reads, under the draft."""

    detail: TaskDetail
    form: dict[str, Any] | None
    data: dict[str, Any]


def view_task(ctx: CommandContext, queries: Queries, task_id: str) -> TaskView:
    """What the page of a task shows. Raises NotFound or Forbidden. A fact that fails says so in its place."""
    detail = queries.task(task_id)
    spec, variables = _where_it_is(ctx, detail)
    element = spec.task_specs[detail.summary.element].element
    facts = tuple(Fact(fact.name, _fact(ctx, fact.value, variables)) for fact in element.facts)
    form, data = None, {}
    if detail.form is not None:
        compiled = ctx.services.definitions.form(ctx.session, spec.definition_id, detail.form)
        form = compiled.source
        data = {**compiled.default_data(variables), **(detail.draft or {})}
    return TaskView(replace(detail, facts=facts), form, data)


def _where_it_is(ctx: CommandContext, detail: TaskDetail) -> tuple[ProcessSpec, dict[str, Any]]:
    """The process version that the task belongs to and the variables that it sees.

    While it is open those of its own scope; afterwards those that the process has now.
    """
    row = ctx.session.execute(select(instance).where(instance.c.id == detail.instance.id)).one()
    token = ctx.session.execute(select(work_item.c.token).where(work_item.c.id == detail.id)).scalar_one()
    constants = {"instance_id": row.id, "starter": row.starter, "business_key": row.business_key}
    if row.state is not None:
        live = restore(row.state, row.variables, ctx, constants, interactive=False)
        task = live.find(token)
        if task is not None:
            return task.task_spec.process, live.variables(task)
    element = detail.summary.element
    spec = _spec_with(ctx, detail, element)
    clock = {"now": ctx.now.isoformat(), "today": ctx.today.isoformat()}
    return spec, {**row.variables, **constants, **clock}


def _spec_with(ctx: CommandContext, detail: TaskDetail, element: str) -> ProcessSpec:
    """The version whose history tells of the task: the instance's own, or that of a process it called."""
    query = (
        select(history.c.definition_id)
        .where(history.c.instance_id == detail.instance.id, history.c.element == element)
        .where(history.c.kind == "task.created")
        .limit(1)
    )
    return ctx.spec(ctx.session.execute(query).scalar_one())


def _fact(ctx: CommandContext, text: str, variables: dict[str, Any]) -> Any:
    if not text.startswith("="):
        return text
    try:
        return ctx.evaluate(text[1:], variables)
    except (BpmnError, PlanFlowError) as error:
        return str(error)
