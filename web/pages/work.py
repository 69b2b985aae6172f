"""How pieces of work are told: an instance's title, its state, a task's candidates and outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext

from engine.views import Candidate, ProcessSummary, TaskDetail
from web.i18n import gettext, process_text, process_title
from web.pages.display import Standing
from web.pages.names import group_name, person_name
from web.pages.words import PROCESSES

INSTANCE_STATES: Mapping[str, tuple[Any, str, str]] = {
    "active": (lazy_gettext("Under way"), "active", "circle-dot"),
    "completed": (lazy_gettext("Completed"), "positive", "circle-check"),
    "terminated": (lazy_gettext("Ended early"), "neutral", "circle-x"),
    "failed": (lazy_gettext("Stopped by an error"), "negative", "triangle-alert"),
}
OUTCOME_CLASSES = {"positive": "button-positive", "negative": "button-negative"}
OUTCOME_ICONS = {"positive": "check", "negative": "undo-2", "neutral": "arrow-right"}


def init_app(app: Flask) -> None:
    """Give the templates these filters."""
    app.jinja_env.filters.update(
        work_title=work_title,
        instance_standing=instance_standing,
        candidates_told=candidates_told,
        outcome_name=outcome_name,
        outcome_class=lambda kind: OUTCOME_CLASSES.get(kind, ""),
        outcome_icon=lambda kind: OUTCOME_ICONS.get(kind, "arrow-right"),
    )


def work_title(item: Any) -> str:
    """The title of the instance that a task, an incident or an instance summary is about."""
    title = getattr(item, "instance_title", None) or getattr(item, "title", None)
    return process_title(title, getattr(item, "process_name", None), item.process_key)


def in_order(processes: Iterable[ProcessSummary]) -> list[ProcessSummary]:
    """Processes as people look for them: the policy's own in its order, then the others by name."""
    place = {key: number for number, key in enumerate(PROCESSES)}
    return sorted(processes, key=lambda one: (place.get(one.key, len(place)), one.name))


def instance_standing(status: str) -> Standing:
    """An instance's status in word, shape and colour."""
    words, kind, icon = INSTANCE_STATES[status]
    return Standing(str(words), kind, icon)


def instance_standings() -> dict[str, Standing]:
    """Every status that a filter can ask for."""
    return {status: instance_standing(status) for status in INSTANCE_STATES}


def candidates_told(candidates: Sequence[Candidate]) -> str:
    """Who may take a task, in words."""
    named = [
        group_name(candidate.name) if candidate.kind == "group" else person_name(candidate.name)
        for candidate in candidates
    ]
    return gettext(", ").join(named) or gettext("not claimed")


def outcome_name(detail: TaskDetail) -> str:
    """How a completed task was decided, as its button said."""
    names = {outcome.id: outcome.name for outcome in detail.outcomes}
    outcome = detail.summary.outcome or ""
    return process_text(names.get(outcome, outcome), detail.summary.process_key)
