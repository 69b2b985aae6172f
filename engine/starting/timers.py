"""Timers that start processes: when they are first due, and what begins when they elapse."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine import deployments, instances
from engine.bpmn.model import Element, Timer
from engine.context import CommandContext
from engine.errors import BpmnError, NotDeployable, PlanFlowError, Problem
from engine.execution import timing
from engine.execution.started import Started
from engine.jobs.job import Job
from engine.starting.events import clock_names


def first_due(
    ctx: CommandContext, definition: deployments.Definition, element: Element, timer: Timer
) -> tuple[datetime, Any] | None:
    """When a start timer is first due from now on, and how it repeats; None when all that lies in the past.

    Raises NotDeployable when it does not say so.
    """
    try:
        due_at, repeat = timing.first_due(ctx, timer.kind, _text(ctx, timer.text))
    except (PlanFlowError, BpmnError) as error:
        found = Problem(definition.resource_name, element.id, element.name, str(error), "bpmn.timer")
        raise NotDeployable([found]) from error
    if due_at > ctx.now:
        return due_at, repeat
    return None if repeat is None else timing.round_after(ctx.now, repeat, ctx.timezone)


def start(ctx: CommandContext, job: Job) -> None:
    """Start the process whose start event has elapsed."""
    definition = deployments.definition(ctx.session, job.definition_id or 0)
    instances.begin(ctx, definition, {}, None, Started(job.element or "", job.event))


def _text(ctx: CommandContext, text: str) -> Any:
    """The timer's text; an expression sees no variables yet, only the time."""
    if not text.startswith("="):
        return text
    return ctx.evaluate(text[1:], clock_names(ctx))
