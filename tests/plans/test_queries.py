"""What pages and programs read, as each person may see it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from engine import Actor, Invalid, NotFound
from plans import notices, plans
from plans.contents import Contents
from plans.organisation import people
from plans.periods import month_of
from plans.queries import PlanQueries
from tests.plans.conftest import NOW, Process, goal, plan_in_force

TODAY = date(2027, 2, 10)


def ask(session: Session, name: str) -> PlanQueries:
    actor = people.actor(session, name)
    assert actor is not None
    return PlanQueries(session, actor)


def draft(session: Session, owner: str = "operations_supervisor") -> str:
    made = Process(session).call(
        "plans.draft", kind="quarterly", year=2027, quarter=1, title="Draft", owner=owner
    )
    plan_id: str = made["plan_id"]
    return plan_id


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("operations_supervisor", True),
        ("superior", True),
        ("director", True),
        ("auditor", True),
        ("second_supervisor", False),
        ("team_member_1", False),
        ("finance_head", False),
    ],
)
def test_a_draft_is_seen_by_its_owner_the_superiors_and_those_who_see_all(
    session: Session, name: str, sees: bool
) -> None:
    plan_id = draft(session)
    assert [each.id for each in ask(session, name).plans().items] == ([plan_id] if sees else [])
    assert (ask(session, name).find(plan_id) is not None) is sees
    if not sees:
        with pytest.raises(NotFound):
            ask(session, name).plan(plan_id, today=TODAY)


@pytest.mark.parametrize("name", ["team_member_1", "finance_head", "second_supervisor"])
def test_a_plan_in_force_is_seen_by_everybody_in_the_company(session: Session, name: str) -> None:
    plan_id = plan_in_force(Process(session), [goal()])
    assert ask(session, name).plan(plan_id, today=TODAY).plan.title == "Plan"


def test_a_person_without_any_role_sees_no_plan(session: Session) -> None:
    plan_in_force(Process(session), [goal()])
    assert PlanQueries(session, Actor("guest")).plans().items == ()


def test_the_list_is_filtered_by_kind_year_status_and_owner(session: Session) -> None:
    process = Process(session)
    in_force = plan_in_force(process, [goal()])
    released = plan_in_force(process, [goal()], kind="monthly", month=1)
    process.call("plans.release", plan_id=released)
    drafted = draft(session, owner="second_supervisor")
    queries = ask(session, "director")

    def ids(**filters: object) -> set[str]:
        return {each.id for each in queries.plans(**filters).items}  # type: ignore[arg-type]

    assert ids(kind="annual") == {in_force}
    assert ids(status="draft") == {drafted}
    assert ids(status="in_force") == {in_force, released}
    assert ids(status="released") == {released}
    assert ids(owner="second_supervisor") == {drafted}
    assert ids(year=2026) == set()


def test_pages_follow_one_another_without_gap_or_repeat(session: Session) -> None:
    for number in range(1, 8):
        # Several plans changed at one moment must not fall between two pages.
        moment = NOW + timedelta(minutes=number // 3)
        plans.draft(session, month_of(2027, number), "Plan", "operations_supervisor", None, moment)
    queries, cursor = ask(session, "director"), None
    seen: list[int] = []
    for _ in range(3):
        page = queries.plans(limit=3, cursor=cursor)
        seen += [each.month or 0 for each in page.items]
        cursor = page.next_cursor
    assert cursor is None
    assert sorted(seen) == [1, 2, 3, 4, 5, 6, 7]
    assert [month // 3 for month in seen] == [2, 2, 1, 1, 1, 0, 0]


def test_a_made_up_cursor_is_refused(session: Session) -> None:
    with pytest.raises(Invalid):
        ask(session, "director").plans(cursor="bm9uc2Vuc2U")


def test_a_plan_page_shows_versions_progress_filing_and_confirmations(session: Session) -> None:
    process = Process(session)
    plan_id = plan_in_force(process, [goal()])
    process.call("plans.adjust", plan_id=plan_id, goals=[goal(target=1000)], reason="Less demand")
    process.call("plans.file_with_departments", plan_id=plan_id, departments=["finance"])
    process.call("plans.confirm", plan_id=plan_id, users=["team_member_1"])
    detail = ask(session, "team_member_1").plan(plan_id, today=TODAY)
    assert (detail.plan.version, detail.plan.goals, detail.plan.owner_name) == (2, 1, "Operations supervisor")
    assert [(each.version, each.status) for each in detail.versions] == [(2, "in_force"), (1, "superseded")]
    assert [(each.goal.target, each.status) for each in detail.goals] == [(1000, "no_data")]
    assert [each.name for each in detail.filed_with] == ["Finance"]
    assert [each.person_name for each in detail.confirmations] == ["Team member 1"]
    assert detail.names["director"] == "Director"
    older = ask(session, "team_member_1").plan(plan_id, 1, today=TODAY)
    assert older.shown is not None
    assert (older.shown.version, older.goals[0].goal.target) == (1, 1200)
    with pytest.raises(NotFound):
        ask(session, "team_member_1").plan(plan_id, 3, today=TODAY)


def test_a_draft_that_says_nothing_yet_can_be_opened(session: Session) -> None:
    detail = ask(session, "superior").plan(draft(session), today=TODAY)
    assert (detail.shown, list(detail.goals), detail.plan.version) == (None, [], None)


def test_comparing_versions_says_what_was_added_removed_and_changed(session: Session) -> None:
    process = Process(session)
    plan_id = plan_in_force(process, [goal(), goal("Cut cost")])
    process.call(
        "plans.adjust",
        plan_id=plan_id,
        goals=[goal(target=1000), goal("Train people")],
        document={"adjustment": "Less demand"},
    )
    compared = ask(session, "auditor").compare(plan_id, 1, 2)
    assert (compared.older.version, compared.newer.version) == (1, 2)
    assert [(each.name, each.kind) for each in compared.changes.goals] == [
        ("Grow orders", "changed"),
        ("Train people", "added"),
        ("Cut cost", "removed"),
    ]
    [field] = compared.changes.goals[0].fields
    assert (field.field, field.before, field.after) == ("target", 1200, 1000)
    assert [(each.name, each.kind) for each in compared.changes.document] == [("adjustment", "added")]
    assert ask(session, "auditor").compare(plan_id, 2, 2).changes.is_empty


def test_notices_are_ones_own_and_stay_unread_until_marked(session: Session) -> None:
    process = Process(session)
    process.call("notices.send", subject="One", body="b", users=["team_member_1", "team_member_2"])
    mine = ask(session, "team_member_1")
    [received] = mine.notices().items
    assert (received.subject, received.sent_by_name) == ("One", "Operations supervisor")
    assert mine.unread_notices() == 1
    notices.mark_read(session, received.id, "team_member_1", NOW)
    assert (mine.unread_notices(), mine.notices(unread=True).items) == (0, ())
    assert ask(session, "team_member_2").unread_notices() == 1
    with pytest.raises(NotFound):
        notices.mark_read(session, received.id, "auditor", NOW)


def test_people_and_departments_are_listed_with_who_belongs_where(session: Session) -> None:
    people.update_profile(
        session, "auditor", display_name="Auditor", email="auditor@example.com", language="en"
    )
    listed = {each.name: each for each in ask(session, "director").people()}
    assert listed["team_member_2"].departments == ("finance",)
    assert listed["team_member_2"].superior_name == "Operations supervisor"
    assert listed["auditor"].email is None
    assert {each.name: each.email for each in ask(session, "auditor").people()}[
        "auditor"
    ] == "auditor@example.com"
    [finance] = ask(session, "director").departments()
    assert (finance.head_name, finance.members) == ("Finance head", ("finance_head", "team_member_2"))


def test_the_version_in_force_speaks_for_a_plan_in_the_list(session: Session) -> None:
    process = Process(session)
    plan_id = plan_in_force(process, [goal()])
    process.call("plans.adjust", plan_id=plan_id, goals=[goal(), goal("More")])
    drafted = draft(session)
    plans.save(session, drafted, Contents(), NOW + timedelta(days=1))
    listed = {each.id: each for each in ask(session, "director").plans().items}
    assert (listed[plan_id].version, listed[plan_id].goals, listed[plan_id].in_force_from) == (2, 2, NOW)
    assert (listed[drafted].version, listed[drafted].goals, listed[drafted].in_force_from) == (1, 0, None)
