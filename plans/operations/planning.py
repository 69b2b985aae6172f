"""Operations on plans: draft, save, check, put in force, file, release, adjust, view (policy A, Q, M, C)."""

from __future__ import annotations

from typing import Any

from engine import OperationContext
from plans import adjustments, announcing, consistency, distribution, plans, versions
from plans.adjustments import Adjustment
from plans.contents import Contents, parse_actions, parse_goals, parse_rows
from plans.evaluations import latest
from plans.operations.operation import MAPPING, NUMBER, ROWS, TEXT, TEXTS, Given, Input, operation
from plans.periods import Period, annual, quarter
from plans.planview import of_period, planview
from plans.refusals import NothingDrafted, NotInForce, PlanExists

PERIOD = (
    Input("kind", TEXT, "annual, quarterly or monthly"),
    Input("year", NUMBER, "the year, such as 2027"),
    Input("quarter", NUMBER, "1 to 4, for a quarterly plan", optional=True),
    Input("month", NUMBER, "1 to 12, for a monthly plan", optional=True),
)
PLAN_ID = Input("plan_id", TEXT, "the plan's id, as plans.draft returned it")
CONTENTS = (
    Input("document", MAPPING, "the parts of the document by name", optional=True),
    Input("goals", ROWS, "the goals", optional=True),
    Input("actions", ROWS, "the action plan", optional=True),
    Input("resources", ROWS, "the resources, with whatever columns the form has", optional=True),
    Input("risks", ROWS, "the risks with their responses", optional=True),
)


@operation(
    "plans.draft",
    [
        *PERIOD,
        Input("title", TEXT, "what people call it"),
        Input("owner", TEXT, "sign-in name of whose plan it is"),
    ],
    {
        "plan_id": "its id",
        "reference": "the period as people write it: 2027, 2027-Q1 or 2027-01",
        "title": "what people call it",
    },
    [PlanExists],
)
def draft(context: OperationContext, given: Given) -> dict[str, Any]:
    """Begin the plan of a period, one for each owner, or take over a draft whose process has ended."""
    made = plans.draft(
        context.session,
        Period.parse(given),
        given["title"],
        given["owner"],
        context.instance_id,
        context.now,
    )
    return {"plan_id": made.id, "reference": made.reference, "title": made.title}


@operation(
    "plans.basis",
    PERIOD,
    {
        "annual": "the annual plan in force for the year (not for an annual plan), or None",
        "quarterly": "the quarterly plan in force for the quarter (for a monthly plan), or None",
        "last": "the plan in force for the period before, or None",
        "evaluation": "the newest evaluation report from before the period, or None",
    },
)
def basis(context: OperationContext, given: Given) -> dict[str, Any]:
    """What a new plan stands on (policy A1, Q1, M1). The owner's plans come first, then their superiors'."""
    period = Period.parse(given)
    before = quarter(period.year, period.quarter or 1).previous
    evaluation = latest(context.session, before.year, before.quarter or 4)
    return {
        "annual": _in_force(context, annual(period.year)) if period.kind != "annual" else None,
        "quarterly": (
            _in_force(context, quarter(period.year, period.quarter or 1))
            if period.kind == "monthly"
            else None
        ),
        "last": _in_force(context, period.previous),
        "evaluation": evaluation.as_json() if evaluation else None,
    }


@operation("plans.save", [PLAN_ID, *CONTENTS], {"version": "number of the draft version"}, [PlanExists])
def save(context: OperationContext, given: Given) -> dict[str, Any]:
    """Write the draft version of a plan; parts that are left out stay as they were."""
    plan_id = plans.get(context.session, given["plan_id"], lock=True).id
    former = versions.find(context.session, plan_id, versions.DRAFT)
    contents = versions.read(context.session, plan_id, former.version) if former else Contents()
    changed = Contents(
        document=contents.document if given["document"] is None else given["document"],
        goals=contents.goals if given["goals"] is None else parse_goals(given["goals"]),
        actions=contents.actions if given["actions"] is None else parse_actions(given["actions"]),
        resources=contents.resources if given["resources"] is None else _rows(given, "resources"),
        risks=contents.risks if given["risks"] is None else _rows(given, "risks"),
    )
    return {"version": plans.save(context.session, plan_id, changed, context.now)}


@operation(
    "plans.put_in_force",
    [PLAN_ID, Input("approved_by", TEXT, "sign-in name of who approved it", optional=True)],
    {"version": "number of the version in force", "in_force_from": "the moment, ISO 8601 in UTC"},
    [NothingDrafted],
)
def put_in_force(context: OperationContext, given: Given) -> dict[str, Any]:
    """Let the draft take effect (policy A8); the former version is superseded and stays readable."""
    version = plans.put_in_force(context.session, given["plan_id"], given["approved_by"], context.now)
    announcing.in_force(context, given["plan_id"], version, given["approved_by"])
    return {"version": version, "in_force_from": context.now.isoformat()}


@operation(
    "plans.check_consistency",
    [
        Input("goals", ROWS, "the quarter's goals"),
        Input("year", NUMBER, "the year"),
        Input("quarter", NUMBER, "1 to 4"),
    ],
    {
        "consistent": "whether nothing was found",
        "findings": "list of {goal, problem, template, params}; goal None: the whole plan",
    },
)
def check_consistency(context: OperationContext, given: Given) -> dict[str, Any]:
    """Hold a quarter's goals against the annual plan in force (policy Q3)."""
    period = Period.of("quarterly", given["year"], given["quarter"])
    findings = consistency.check(context.session, parse_goals(given["goals"]), period, context.starter)
    return {"consistent": not findings, "findings": [finding.as_json() for finding in findings]}


@operation(
    "plans.file_with_departments",
    [PLAN_ID, Input("departments", TEXTS, "ids of departments")],
    {"filed_with": "ids of all departments that hold the plan on file"},
    [NotInForce],
)
def file_with_departments(context: OperationContext, given: Given) -> dict[str, Any]:
    """Put a plan in force on file with departments (備案, policy Q6)."""
    held = distribution.file_with_departments(
        context.session, given["plan_id"], given["departments"], context.now
    )
    return {"filed_with": held}


@operation(
    "plans.release",
    [PLAN_ID],
    {"released_at": "the moment, ISO 8601 in UTC", "team": "sign-in names of the owner's team"},
    [NotInForce],
)
def release(context: OperationContext, given: Given) -> dict[str, Any]:
    """Release a plan in force to its owner's team (policy M6)."""
    _, team = distribution.release(context.session, given["plan_id"], context.now)
    return {"released_at": context.now.isoformat(), "team": team}


@operation(
    "plans.confirm",
    [PLAN_ID, Input("users", TEXTS, "sign-in names of who confirmed")],
    {"confirmed": "sign-in names of all who have confirmed the plan so far"},
    [NotInForce],
)
def confirm(context: OperationContext, given: Given) -> dict[str, Any]:
    """Record that people understood the plan, their duty and their tasks (policy Q7, M7)."""
    confirmed = distribution.confirm(
        context.session, given["plan_id"], given["users"], context.instance_id, context.now
    )
    return {"confirmed": confirmed}


@operation(
    "plans.view",
    [PLAN_ID],
    {
        "plan_id": "its id",
        "reference": "2027, 2027-Q1 or 2027-01",
        "title": "what people call it",
        "kind": "annual, quarterly or monthly",
        "version": "number of the version shown: the one in force, else the draft",
        "status": "draft, in_force or released",
        "owner": "sign-in name",
        "document": "the parts of the document by name",
        "goals": "the goals",
        "actions": "the action plan",
        "resources": "the resources",
        "risks": "the risks",
    },
)
def view(context: OperationContext, given: Given) -> dict[str, Any]:
    """Everything that a plan says now."""
    return planview(context.session, plans.get(context.session, given["plan_id"]))


@operation("plans.in_force", PERIOD, {"plan": "the plan, as plans.view returns it, or None"})
def in_force(context: OperationContext, given: Given) -> dict[str, Any]:
    """The plan in force for a period: the starter's own, else a superior's, else the newest."""
    return {"plan": _in_force(context, Period.parse(given))}


@operation(
    "plans.adjust",
    [
        PLAN_ID,
        *CONTENTS,
        Input("reason", TEXT, "why, in words", optional=True),
        Input("ground", TEXT, "which ground of policy C1", optional=True),
        Input("approved_by", TEXT, "sign-in name of who approved it", optional=True),
    ],
    {"version": "number of the new version in force", "previous_version": "number of the superseded one"},
    [NotInForce],
)
def adjust(context: OperationContext, given: Given) -> dict[str, Any]:
    """Change the plan in force to a new version (policy C4).

    Parts that are left out stay as they were; of the document, only the parts named are replaced.
    """
    adjustment = Adjustment(
        ground=given["ground"],
        reason=given["reason"],
        document=given["document"],
        goals=None if given["goals"] is None else parse_goals(given["goals"]),
        actions=None if given["actions"] is None else parse_actions(given["actions"]),
        resources=None if given["resources"] is None else _rows(given, "resources"),
        risks=None if given["risks"] is None else _rows(given, "risks"),
    )
    version, previous = adjustments.adjust(
        context.session, given["plan_id"], adjustment, given["approved_by"], context.now
    )
    announcing.changed(context, given["plan_id"], version, previous, given["approved_by"])
    return {"version": version, "previous_version": previous}


def _in_force(context: OperationContext, period: Period) -> dict[str, Any] | None:
    return of_period(context.session, period, context.starter)


def _rows(given: Given, name: str) -> list[dict[str, Any]]:
    return parse_rows(given[name], name)


OPERATIONS = (
    draft,
    basis,
    save,
    check_consistency,
    put_in_force,
    file_with_departments,
    release,
    confirm,
    view,
    in_force,
    adjust,
)
