"""Operations on indicators and evaluation reports (policy K6-K8, Q2)."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine import FieldProblem, Invalid, OperationContext
from engine.messages import translatable
from plans import announcing, evaluations
from plans.figures import of_quarter
from plans.operations.operation import ANY, MAPPING, NUMBER, ROWS, TEXT, Given, Input, operation
from plans.organisation import people
from plans.periods import Period

QUARTER = (Input("year", NUMBER, "the year, such as 2027"), Input("quarter", NUMBER, "1 to 4"))


@operation(
    "indicators.figures",
    QUARTER,
    {
        "indicators": "list of {id, name, unit, kind, direction, target, warning, actual, previous, "
        "achievement_rate, growth_rate, deviation_rate, status}; rates in percent or None; status on_target, "
        "below_target, warning or no_data"
    },
)
def figures(context: OperationContext, given: Given) -> dict[str, Any]:
    """Every indicator in a quarter, against its target and the quarter before (policy K7)."""
    period = Period.of("quarterly", given["year"], given["quarter"])
    found = of_quarter(context.session, period.year, period.quarter or 1)
    return {"indicators": [each.as_json() for each in found]}


@operation(
    "indicators.record",
    [
        Input("indicator", TEXT, "id of the indicator, its measure's name in lower case with _"),
        Input("day", TEXT, "the day that was measured, ISO 8601"),
        Input("value", ANY, "what was measured, a number"),
        Input("source", TEXT, "where it comes from"),
    ],
    {
        "status": "how the quarter stands now, as in indicators.figures",
        "actual": "the quarter's figure so far",
    },
)
def record(context: OperationContext, given: Given) -> dict[str, Any]:
    """Keep a reading (policy K5). A second one for the same day corrects the first."""
    try:
        day = date.fromisoformat(given["day"])
    except ValueError:
        raise _wrong("day", translatable("Write a date such as 2027-03-31.")) from None
    value = given["value"]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong("value", translatable("A number is needed."))
    stands = announcing.record_reading(context, given["indicator"], day, float(value), given["source"])
    return {"status": stands.status, "actual": stands.actual}


def _wrong(field: str, template: str) -> Invalid:
    return Invalid(template, [FieldProblem(field, template)])


@operation(
    "evaluations.file",
    [
        *QUARTER,
        Input("owner", TEXT, "sign-in name of whose report it is"),
        Input("report", MAPPING, "the parts of the report by name (policy K8)"),
        Input("indicators", ROWS, "the figures as they stood", optional=True),
        Input("assessments", ROWS, "the qualitative assessments", optional=True),
        Input("result", ANY, "the verdict", optional=True),
    ],
    {"evaluation_id": "its id", "reference": "the quarter as people write it, 2026-Q3"},
)
def file(context: OperationContext, given: Given) -> dict[str, Any]:
    """Keep an evaluation report, for the next plan to stand on (policy K6)."""
    period = Period.of("quarterly", given["year"], given["quarter"])
    if not people.exists(context.session, given["owner"]):
        message = translatable("There is no person %(name)s.")
        raise Invalid(
            message, [FieldProblem("owner", message, {"name": given["owner"]})], name=given["owner"]
        )
    filed = evaluations.file(
        context.session,
        period.year,
        period.quarter or 1,
        given["owner"],
        report=given["report"],
        indicators=given["indicators"] or [],
        assessments=given["assessments"] or [],
        result=given["result"],
        instance_id=context.instance_id,
        now=context.now,
    )
    announcing.filed(context, filed)
    return {"evaluation_id": filed.id, "reference": filed.reference}


@operation(
    "evaluations.latest",
    QUARTER,
    {
        "evaluation": "{evaluation_id, reference, year, quarter, owner, report, indicators, assessments, "
        "result, filed_at} or None"
    },
)
def latest(context: OperationContext, given: Given) -> dict[str, Any]:
    """The newest report on this quarter or, without one, on the nearest quarter before it."""
    period = Period.of("quarterly", given["year"], given["quarter"])
    found = evaluations.latest(context.session, period.year, period.quarter or 1)
    return {"evaluation": found.as_json() if found else None}


OPERATIONS = (figures, record, file, latest)
