"""Plans: the list, and one plan with its document, versions, goals and what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, render_template, request
from flask_babel import lazy_gettext

from plans.periods import FIRST_YEAR, LAST_YEAR, Period
from plans.queries import PlanQueries
from plans.views import PlanDetail, PlanSummary, VersionComparison
from web.auth import current_actor
from web.container import services
from web.i18n import plan_words
from web.pages.blueprint import blueprint
from web.pages.display import Standing, key_label, today
from web.pages.inbox import Choice
from web.pages.shell import here_with
from web.pages.words import DOCUMENT_PARTS

KINDS = {
    "annual": lazy_gettext("Annual plans"),
    "quarterly": lazy_gettext("Quarterly plans"),
    "monthly": lazy_gettext("Monthly plans"),
}
PLAN_STATES: Mapping[str, tuple[Any, str, str]] = {
    "draft": (lazy_gettext("Draft"), "neutral", "pencil"),
    "in_force": (lazy_gettext("In force"), "positive", "circle-check"),
    "released": (lazy_gettext("Released to the team"), "positive", "circle-check"),
    "superseded": (lazy_gettext("Superseded"), "neutral", "archive"),
    "over": (lazy_gettext("Period over"), "neutral", "calendar"),
}
IN_FORCE = ("in_force", "released")
GOAL_STATES: Mapping[str, tuple[Any, str, str]] = {
    "on_target": (lazy_gettext("On target"), "positive", "circle-check"),
    "below_target": (lazy_gettext("Below target"), "warning", "trending-down"),
    "warning": (lazy_gettext("At the warning value"), "negative", "triangle-alert"),
    "no_data": (lazy_gettext("No reading yet"), "neutral", "circle-dashed"),
}
CHANGES: Mapping[str, tuple[Any, str, str]] = {
    "added": (lazy_gettext("added"), "positive", "plus"),
    "removed": (lazy_gettext("removed"), "negative", "minus"),
    "changed": (lazy_gettext("changed"), "warning", "pencil"),
}


def init_app(app: Flask) -> None:
    """Give the templates the states."""
    app.jinja_env.filters.update(
        plan_standing=plan_standing,
        version_standing=lambda code: _standing(PLAN_STATES, code),
        goal_standing=lambda code: _standing(GOAL_STATES, code),
        change_standing=lambda code: _standing(CHANGES, code),
        part_label=part_label,
        plan_title=plan_title,
        plan_process=plan_process,
    )


def part_label(part: str, process_key: str = "") -> str:
    """The heading of a part of the plan's document."""
    return str(DOCUMENT_PARTS[part]) if part in DOCUMENT_PARTS else key_label(part, process_key)


def plan_process(summary: PlanSummary) -> str:
    """The process that makes plans of this kind, whose forms name the parts of its document."""
    return f"{summary.kind}_plan"


def plan_title(summary: PlanSummary) -> str:
    """A plan's title; one that only names its kind and period is put in the reader's language."""
    return plan_words(summary.title) or summary.reference


def plan_standing(summary: PlanSummary) -> Standing:
    """Where a plan stands; one that was in force to the end of its period is over."""
    over = summary.status in IN_FORCE and Period.parse(vars(summary)).end < today()
    return _standing(PLAN_STATES, "over" if over else summary.status)


def _standing(states: Mapping[str, tuple[Any, str, str]], code: str) -> Standing:
    words, kind, icon = states[code]
    return Standing(str(words), kind, icon)


@blueprint.get("/plans")
def plans() -> str:
    """Plans that this person may see."""
    kind = request.args.get("kind")
    with services().reading_plans(current_actor()) as queries:
        page = queries.plans(
            kind=kind if kind in KINDS else None,
            year=request.args.get("year", type=_year),
            status=request.args.get("status") or None,
            cursor=request.args.get("cursor"),
        )
    return render_template(
        "plans.html",
        plans=page.items,
        choices=_choices(kind),
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=page.next_cursor) if page.next_cursor else None,
    )


def _year(text: str) -> int:
    """A year that plans are made for; no other narrows the list."""
    year = int(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(text)
    return year


def _choices(kind: str | None) -> Sequence[Choice]:
    every = Choice(str(lazy_gettext("All plans")), here_with(kind=None), kind not in KINDS)
    return [every, *(Choice(str(label), here_with(kind=code), code == kind) for code, label in KINDS.items())]


@blueprint.get("/plans/<plan_id>")
def plan(plan_id: str) -> str:
    """One plan; ``version`` shows an earlier one, ``compare`` what changed since another."""
    version = request.args.get("version", type=int)
    with services().reading_plans(current_actor()) as queries:
        detail = queries.plan(plan_id, version, today=today())
        comparison = _comparison(queries, detail)
    begins = Period.parse(vars(detail.plan)).start
    return render_template("plan.html", plan=detail, comparison=comparison, begins=begins)


def _comparison(queries: PlanQueries, detail: PlanDetail) -> VersionComparison | None:
    other = request.args.get("compare", type=int)
    if other is None or detail.shown is None or other == detail.shown.version:
        return None
    older, newer = sorted((other, detail.shown.version))
    return queries.compare(detail.plan.id, older, newer)
