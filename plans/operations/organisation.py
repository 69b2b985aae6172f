"""Operations on people and departments: who is there, and telling them (policy C5, G6, M6, Q7)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine import FieldProblem, Invalid, OperationContext
from engine.messages import translatable
from plans import notices, plans
from plans.operations.operation import TEXT, TEXTS, Given, Input, operation
from plans.organisation import departments as department_rules
from plans.organisation import people
from plans.organisation.roles import DEPARTMENT
from plans.tables import department


@operation(
    "organisation.team",
    [Input("user", TEXT, "a sign-in name")],
    {
        "members": "sign-in names of the active people whose superior this is, sorted",
        "people": "list of {label, value}: the person and then the members, for a form to choose from",
    },
)
def team(context: OperationContext, given: Given) -> dict[str, Any]:
    """A person's team."""
    members = people.team(context.session, given["user"])
    return {"members": members, "people": people.choices(context.session, [given["user"], *members])}


@operation(
    "organisation.departments",
    [],
    {"departments": "list of {id, name, head}, by name; head is a sign-in name or None"},
)
def departments(context: OperationContext, given: Given) -> dict[str, Any]:  # noqa: ARG001
    """All departments."""
    rows = context.session.execute(select(department).order_by(department.c.name))
    return {"departments": [{"id": row.id, "name": row.name, "head": row.head} for row in rows]}


@operation(
    "notices.send",
    [
        Input("subject", TEXT, "one line"),
        Input("body", TEXT, "the text"),
        Input("users", TEXTS, "sign-in names", optional=True),
        Input("departments", TEXTS, "ids of departments; their members are told", optional=True),
        Input("groups", TEXTS, "groups, such as roles", optional=True),
        Input("plan_id", TEXT, "the plan that it is about", optional=True),
    ],
    {"recipients": "sign-in names of everybody who was told, sorted"},
)
def send(context: OperationContext, given: Given) -> dict[str, Any]:
    """Tell people something; it is shown on their pages. People who are no longer active are left out."""
    recipients = _named(context, given["users"] or [])
    for department_id in given["departments"] or []:
        if not department_rules.exists(context.session, department_id):
            raise _unknown("departments", translatable("There is no department %(id)s."), id=department_id)
        recipients.update(context.directory.members(DEPARTMENT + department_id))
    for group in given["groups"] or []:
        recipients.update(context.directory.members(group))
    if given["plan_id"] is not None:
        plans.get(context.session, given["plan_id"])
    draft = notices.Draft(
        given["subject"], given["body"], context.actor, given["plan_id"], context.instance_id
    )
    notices.send(context.session, draft, recipients, context.now)
    return {"recipients": sorted(recipients)}


def _named(context: OperationContext, names: list[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        person = context.directory.person(name)
        if person is None:
            raise _unknown("users", translatable("There is no person %(name)s."), name=name)
        if person.active:
            found.add(name)
    return found


def _unknown(field: str, template: str, **params: str) -> Invalid:
    return Invalid(template, [FieldProblem(field, template, params)], **params)


OPERATIONS = (team, departments, send)
