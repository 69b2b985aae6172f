"""The engine's own kinds of jobs."""

from __future__ import annotations

from engine.jobs import months, overdue, rows, timers
from engine.jobs.calls import calling
from engine.jobs.kinds import Inside, Kinds
from engine.jobs.retries import FOR_EVER
from engine.operations import Operations
from engine.starting import conditions
from engine.starting import timers as start_timers


def own_kinds(operations: Operations, watched: bool = False, by_month: bool = False) -> Kinds:
    """Timers of instances, what starts processes by itself, calls of these operations, and what tidies and looks.

    ``watched``: whether there is somebody to tell of late tasks. ``by_month``: whether the history has months.
    """
    return {
        rows.INSTANCE_TIMER: Inside(timers.fire),
        rows.START_TIMER: Inside(start_timers.start, FOR_EVER),
        rows.START_CONDITION: Inside(conditions.ask, FOR_EVER),
        rows.CALL: calling(operations),
        rows.OVERDUE_TASKS: Inside(overdue.notice, FOR_EVER, standing=watched),
        rows.HISTORY_MONTHS: Inside(months.look_ahead, FOR_EVER, standing=by_month),
    }
