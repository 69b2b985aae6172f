"""Asynchronous service tasks: an operation that runs outside, and what it answers, brought back to its token."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import select

from engine import instances
from engine.context import CommandContext
from engine.errors import BpmnError, Invalid
from engine.jobs.job import Job
from engine.jobs.kinds import Outside
from engine.jobs.leasing import LeaseLost
from engine.messages import translatable as _
from engine.operations import Operations, OutsideCall, OutsideOperation, PermanentFailure, plain
from engine.storage.tables import instance


def calling(operations: Operations) -> Outside:
    """The kind of job that calls these operations."""
    return Outside(partial(_call, operations), _bring_back)


def _call(operations: Operations, job: Job) -> Mapping[str, Any]:
    """Call the operation. A BPMN error is an answer like any other: the process knows what to do then."""
    asked = job.payload
    called = operations.get(asked["operation"])
    if not isinstance(called, OutsideOperation):
        raise PermanentFailure(_("There is no operation “%(name)s”."), name=asked["operation"])
    whose = OutsideCall(
        key=f"{job.instance_id}-{job.id}",
        attempt=job.attempts + 1,
        instance_id=job.instance_id or "",
        process_key=asked["process_key"],
        starter=asked["starter"],
    )
    try:
        return {"result": plain(called.call(whose, asked["inputs"]))}
    except BpmnError as error:
        return {"error": error.code, "message": error.message}
    except Invalid as wrong:
        places = " ".join(f"{place.field}: {place.message}" for place in wrong.fields)
        raise PermanentFailure("%(reason)s", reason=f"{wrong} {places}".strip()) from wrong


def _bring_back(ctx: CommandContext, job: Job, answer: Mapping[str, Any]) -> None:
    loaded = instances.load(ctx, select(instance).where(instance.c.id == job.instance_id))
    task = None if job.token is None else loaded.live.find(job.token)
    if task is None:
        raise LeaseLost()
    task.task_spec.answered(task, {**answer, "inputs": job.payload["inputs"]})
    instances.save(ctx, loaded)
