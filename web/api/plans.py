"""Plans: ``/plans``."""

from __future__ import annotations

from typing import Any

from apiflask import APIBlueprint, Schema
from apiflask.fields import Integer, String
from apiflask.validators import Length, OneOf, Range

from engine.messages import translatable as _
from engine.views import Page
from plans.views import PlanDetail, PlanSummary
from web.api.paging import PageQuery, linked
from web.api.schemas import plans as shapes
from web.auth import current_actor
from web.container import services

blueprint = APIBlueprint("plans", __name__, tag="Plans")
CHOICE = _("This is not one of the choices.")


class PlanQuery(PageQuery):
    """Which plans to list."""

    kind = String(
        validate=OneOf(("annual", "quarterly", "monthly"), error=CHOICE),
        metadata={"description": "Only those of this kind."},
    )
    year = Integer(
        validate=Range(1, 9999, error=_("This is not a year.")),
        metadata={"description": "Only those of this year.", "example": 2027},
    )
    status = String(
        validate=OneOf(("draft", "in_force", "released"), error=CHOICE),
        metadata={"description": "Only those with this status; `in_force` takes the released ones in."},
    )
    owner = String(
        validate=Length(max=200, error=_("Write at most 200 characters.")),
        metadata={"description": "Only those of this person."},
    )


class VersionQuery(Schema):
    """Which version to read."""

    version = Integer(
        validate=Range(1, 2**31 - 1, error=_("This number is out of range.")),
        metadata={"description": "The version to show; the one in force, else the draft, when left out."},
    )


@blueprint.get("/plans")
@blueprint.input(PlanQuery, location="query")
@blueprint.output(shapes.PlanPage)
@blueprint.doc(operation_id="listPlans")
def list_plans(query_data: dict[str, Any]) -> Page[PlanSummary]:
    """List plans

    Those that you may see, the last changed first.
    """
    with services().reading_plans(current_actor()) as queries:
        return linked(queries.plans(**query_data))


@blueprint.get("/plans/<plan_id>")
@blueprint.input(VersionQuery, location="query")
@blueprint.output(shapes.PlanDetail)
@blueprint.doc(operation_id="getPlan")
def get_plan(plan_id: str, query_data: dict[str, Any]) -> PlanDetail:
    """Read a plan

    The version in force, else the draft, or any other by number; with goals and how far they have come.
    """
    today = services().engine.clock().date()
    with services().reading_plans(current_actor()) as queries:
        return queries.plan(plan_id, today=today, **query_data)
