"""The demonstration company: accounts named for their roles, and departments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from plans.organisation import credentials, departments, people
from plans.tables import person

PASSWORD = "planflow-demo"  # noqa: S105  the published password of accounts that exist on loopback only
SUPERVISOR, SUPERVISOR_NORTH, SUPERIOR = "operations_supervisor", "operations_supervisor_north", "superior"
MANAGEMENT_1, MANAGEMENT_2 = "management_1", "management_2"
TEAM = ("team_member_1", "team_member_2", "team_member_3", "team_member_4")
TEAM_NORTH = ("team_member_5", "team_member_6")

DEPARTMENTS = {
    "finance": "Finance",
    "marketing": "Sales and marketing",
    "customer_service": "Customer service",
    "technology": "Technology",
    "quality": "Quality",
    "human_resources": "Human resources",
}


@dataclass(frozen=True)
class Account:
    """A person who can sign in with :data:`PASSWORD`."""

    name: str
    display_name: str
    roles: tuple[str, ...]
    superior: str | None = None


def head_of(department: str) -> str:
    """The sign-in name of a department's head."""
    return f"department_head_{department}"


ACCOUNTS: tuple[Account, ...] = (
    Account(SUPERVISOR, "Operations supervisor", ("operations_supervisor",), SUPERIOR),
    Account(SUPERIOR, "Superior", ("superior",), MANAGEMENT_1),
    Account(MANAGEMENT_1, "Management, operations", ("management",)),
    Account(TEAM[0], "Team member 1", ("team_member",), SUPERVISOR),
    Account(head_of("finance"), "Head of finance", ("department_head",), MANAGEMENT_1),
    Account("process_designer", "Process designer", ("process_designer",)),
    Account("auditor", "Auditor", ("auditor",)),
    Account("administrator", "Administrator", ("administrator",)),
    Account(SUPERVISOR_NORTH, "Operations supervisor, north", ("operations_supervisor",), SUPERIOR),
    Account(MANAGEMENT_2, "Management, finance", ("management",)),
    *(Account(name, f"Team member {name[-1]}", ("team_member",), SUPERVISOR) for name in TEAM[1:]),
    *(Account(name, f"Team member {name[-1]}", ("team_member",), SUPERVISOR_NORTH) for name in TEAM_NORTH),
    *(
        Account(head_of(each), f"Head of {title[0].lower()}{title[1:]}", ("department_head",), MANAGEMENT_1)
        for each, title in DEPARTMENTS.items()
        if each != "finance"
    ),
)
"""In the order in which somebody who tries the product needs them; the first of each role first."""

FIRST = 8
"""How many of them show every role once."""


def known_passwords(session: Session) -> list[str]:
    """Names of the demo's accounts that may sign in with the password that everybody knows."""
    return [each.name for each in ACCOUNTS if credentials.verify(session, each.name, PASSWORD)]


def exists(session: Session) -> bool:
    """Whether the company was founded before."""
    return session.scalar(select(person.c.name).where(person.c.name == SUPERVISOR)) is not None


def _rank(account: Account) -> int:
    """How many superiors somebody has above them."""
    above = next((each for each in ACCOUNTS if each.name == account.superior), None)
    return 0 if above is None else 1 + _rank(above)


def found(session: Session, now: datetime) -> None:
    """Make all accounts and departments."""
    for account in sorted(ACCOUNTS, key=_rank):
        people.create_person(
            session,
            account.name,
            now=now,
            display_name=account.display_name,
            roles=account.roles,
            superior=account.superior,
        )
        credentials.set_password(session, account.name, PASSWORD)
    for department, title in DEPARTMENTS.items():
        departments.create_department(session, department, title, head_of(department))
