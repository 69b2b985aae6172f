"""An office to be read, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from engine.directory import Actor, Person
from engine.queries import Queries
from engine.storage.database import Database
from engine.views import Page
from tests.engine.rows import START, add_instance, add_task, deploy

STARTER = Actor("operations_supervisor", frozenset({"operations_supervisor"}))
SUPERIOR = Actor("superior", frozenset({"superior"}))
MANAGER = Actor("manager", frozenset({"management"}))
AUDITOR = Actor("auditor", frozenset({"auditor"}))
OUTSIDER = Actor("team_member", frozenset({"team_member"}))


class People:
    """A directory in memory."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def person(self, user: str) -> Person | None:
        self.asked.append(user)
        return None if user == "gone" else Person(user, user.replace("_", " ").capitalize(), frozenset())

    def members(self, group: str) -> list[str]:
        return [group]


@contextmanager
def asking(database: Database, actor: Actor) -> Iterator[Queries]:
    with database.read() as session:
        yield Queries(session, actor, People())


def ids(page: Page[Any]) -> list[str]:
    return [item.id for item in page.items]


def all_pages(ask: Callable[[str | None], Page[Any]]) -> list[str]:
    page = ask(None)
    found = ids(page)
    while page.next_cursor is not None:
        page = ask(page.next_cursor)
        found += ids(page)
    return found


def furnished(database: Database) -> Database:
    """One instance with a task for the superior group, one with a task assigned to `superior`, one with none."""
    with database.write() as session:
        plan = deploy(session)
        review = deploy(session, "quarterly_review", starter_groups=("operations_supervisor",))
        add_instance(session, "a", plan, variables={"year": 2027, "目標": ["one"]}, business_key="P-2027")
        add_task(session, "for_group", "a", groups=("superior",))
        add_instance(session, "b", review, started_at=START + timedelta(hours=1))
        add_task(
            session, "assigned", "b", assignee="superior", status="claimed", due_at=START + timedelta(days=1)
        )
        add_instance(session, "c", plan, starter="gone", started_at=START + timedelta(hours=2))
    return database
