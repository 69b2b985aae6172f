"""The engine's own kinds of jobs."""

from __future__ import annotations

from engine.jobs import overdue, rows, timers
from engine.jobs.calls import calling
from engine.jobs.kinds import Inside, Kinds
from engine.jobs.retries import FOR_EVER
from engine.operations import Operations
from engine.starting import conditions
from engine.starting import timers as start_timers


def own_kinds(operations: Operations, watched: bool = False) -> Kinds:
    """Timers of instances, what starts processes by itself, calls of these operations, and a look for late tasks.

    ``watched``: whether there is somebody to tell of those.
    """
    return {
        rows.INSTANCE_TIMER: Inside(timers.fire),
        rows.START_TIMER: Inside(start_timers.start, FOR_EVER),
        rows.START_CONDITION: Inside(conditions.ask, FOR_EVER),
        rows.CALL: calling(operations),
        rows.OVERDUE_TASKS: Inside(overdue.notice, FOR_EVER, standing=watched),
    }
