"""What each reader sees, in which order, and with how many SQL statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from engine.directory import Actor
from engine.errors import Forbidden, Invalid, NotFound
from engine.queries import Queries
from engine.storage.database import Database
from engine.storage.tables import incident, work_item
from engine.views import Fact, Outcome
from tests.engine.reading import (
    AUDITOR,
    MANAGER,
    OUTSIDER,
    STARTER,
    SUPERIOR,
    People,
    asking,
    furnished,
    ids,
)
from tests.engine.rows import START, add_instance, add_task, deploy, record


@pytest.fixture
def office(database: Database) -> Database:
    return furnished(database)


@pytest.mark.parametrize(
    ("actor", "instances"),
    [
        (STARTER, ["b", "a"]),
        (SUPERIOR, ["b", "a"]),
        (MANAGER, ["c", "b", "a"]),
        (AUDITOR, ["c", "b", "a"]),
        (OUTSIDER, []),
        (Actor("gone"), ["c"]),
    ],
)
def test_readers_see_the_instances_that_concern_them(
    office: Database, actor: Actor, instances: list[str]
) -> None:
    with asking(office, actor) as queries:
        assert ids(queries.instances()) == instances
        for one in ("a", "b", "c"):
            if one in instances:
                assert queries.instance(one).id == one
            else:
                for question in (queries.instance, queries.variables, queries.history, queries.diagram):
                    with pytest.raises(Forbidden):
                        question(one)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "completed", "assignee": "team_member", "completed_by": "team_member"},
        {"status": "claimed", "assignee": "team_member"},
        {"status": "cancelled", "owner": "team_member"},
    ],
)
def test_whoever_had_a_task_once_still_sees_its_instance(office: Database, values: dict[str, Any]) -> None:
    with office.write() as session:
        add_task(session, "past", "c", **values)
    with asking(office, OUTSIDER) as queries:
        assert ids(queries.instances()) == ["c"]
        assert queries.task("past").id == "past"


def test_a_former_candidate_still_sees_the_instance(office: Database) -> None:
    with office.write() as session:
        add_task(session, "past", "c", users=("team_member",), status="completed", completed_by="superior")
    with asking(office, OUTSIDER) as queries:
        assert ids(queries.instances()) == ["c"]


def test_a_group_named_like_a_user_is_not_that_user(office: Database) -> None:
    with asking(office, Actor("superior_2", frozenset())) as queries:
        assert ids(queries.instances()) == []
    with office.write() as session:
        add_task(session, "for_user", "c", users=("management",))
    with asking(office, Actor("x", frozenset({"superior"}))) as queries:
        assert ids(queries.tasks(mine=True)) == ["for_group"]


def test_my_tasks_are_mine_or_free_for_me_due_first(office: Database) -> None:
    with asking(office, SUPERIOR) as queries:
        assert ids(queries.tasks(mine=True)) == ["assigned", "for_group"]
        assert queries.open_task_count() == 2
        assert ids(queries.tasks(mine=True, status="claimed")) == ["assigned"]
    with asking(office, STARTER) as queries:
        assert ids(queries.tasks(mine=True)) == []
        assert ids(queries.tasks()) == ["assigned", "for_group"]
        assert queries.open_task_count() == 0


def test_what_a_colleague_claimed_leaves_my_tasks(office: Database) -> None:
    with office.write() as session:
        session.execute(work_item.update().values(assignee="other", status="claimed"))
    with asking(office, SUPERIOR) as queries:
        assert ids(queries.tasks(mine=True)) == []
        assert ids(queries.tasks()) == ["for_group"]


def test_tasks_are_filtered_by_group_process_instance_and_status(office: Database) -> None:
    with office.write() as session:
        for number in range(3):
            add_task(
                session,
                f"done_{number}",
                "a",
                status="completed",
                assignee="superior",
                completed_by="superior",
                completed_at=START + timedelta(minutes=number),
            )
    with asking(office, AUDITOR) as queries:
        assert ids(queries.tasks(group="superior")) == ["for_group"]
        assert ids(queries.tasks(group="no_such")) == []
        assert ids(queries.tasks(process_key="quarterly_review")) == ["assigned"]
        assert ids(queries.tasks(instance_id="a")) == ["for_group"]
        assert ids(queries.tasks(status="completed")) == ["done_2", "done_1", "done_0"]
        assert len(queries.tasks(status="all").items) == 5
        assert ids(queries.tasks(status="cancelled")) == []
        with pytest.raises(Invalid) as caught:
            queries.tasks(status="lost")
    assert caught.value.fields[0].field == "status"
    with asking(office, SUPERIOR) as queries:
        assert ids(queries.tasks(mine=True, status="completed")) == ["done_2", "done_1", "done_0"]


def test_instances_are_filtered_by_status_process_key_starter_and_text(office: Database) -> None:
    with office.write() as session:
        add_instance(session, "d", deploy(session), title="100%_done", status="completed", started_at=START)
    with asking(office, AUDITOR) as queries:
        assert ids(queries.instances(status="completed")) == ["d"]
        assert ids(queries.instances(process_key="quarterly_review")) == ["b"]
        assert ids(queries.instances(business_key="P-2027")) == ["a"]
        assert ids(queries.instances(search="p-20")) == ["a"]
        assert ids(queries.instances(search="TITLE OF B")) == ["b"]
        assert ids(queries.instances(search="0%_")) == ["d"]
        assert ids(queries.instances(search="%%")) == []
        assert ids(queries.instances(mine=True)) == []
        with pytest.raises(Invalid):
            queries.instances(status="open")


def test_a_summary_names_what_is_waited_for(office: Database) -> None:
    with office.write() as session:
        add_task(session, "same", "a", name="Superior's review", created_at=START + timedelta(seconds=1))
        add_task(session, "next", "a", name="Approval", created_at=START + timedelta(seconds=2))
        add_task(session, "done", "a", name="Collect", status="completed")
    with asking(office, STARTER) as queries:
        summary = queries.instances(business_key="P-2027").items[0]
    assert summary.waiting_at == ("Superior's review", "Approval")
    assert (summary.process_name, summary.process_version) == ("Annual plan", 1)
    assert (summary.starter, summary.starter_name) == ("operations_supervisor", "Operations supervisor")


def test_a_task_shows_all_that_its_page_needs(office: Database) -> None:
    outcomes = [
        {"id": "approve", "name": "Approve", "kind": "positive"},
        {"id": "return", "name": "Send back", "kind": "negative", "comment": "required"},
    ]
    done: dict[str, Any] = {"status": "completed", "completed_by": "superior", "outcomes": outcomes}
    with office.write() as session:
        add_task(session, "first", "a", **done, outcome="return", comment="太籠統", completed_at=START)
        add_task(session, "second", "a", **done, comment="Better", completed_at=START + timedelta(hours=1))
        add_task(session, "silent", "a", **done, outcome="approve", comment="", completed_at=START)
        add_task(
            session,
            "now",
            "a",
            groups=("superior",),
            users=("manager",),
            form="forms/start.form",
            outcomes=outcomes,
            facts=[{"label": "Goals that failed", "value": [{"zebra": 1, "a": 2}]}],
            draft={"score": 1},
            data={"year": 2028, "department": "finance"},
        )
    with asking(office, SUPERIOR) as queries:
        task = queries.task("now")
    assert task.outcomes == (
        Outcome("approve", "Approve", "positive"),
        Outcome("return", "Send back", "negative", "required"),
    )
    assert task.facts == (Fact("Goals that failed", [{"zebra": 1, "a": 2}]),)
    assert list(task.facts[0].value[0]) == ["zebra", "a"]
    assert [(one.kind, one.name) for one in task.candidates] == [("user", "manager"), ("group", "superior")]
    assert task.variables == {"year": 2028, "目標": ["one"], "department": "finance"}
    assert [(one.text, one.outcome_name, one.author_name) for one in task.comments] == [
        ("太籠統", "Send back", "Superior"),
        ("Better", None, "Superior"),
    ]
    assert task.instance.business_key == "P-2027"
    assert (task.form, task.draft) == ("forms/start.form", {"score": 1})
    assert (task.may_claim, task.may_complete, task.may_release) == (True, True, False)
    with office.read() as session:
        assert Queries(session, SUPERIOR, People()).task("now").deployment_id == task.deployment_id


def test_a_draft_is_shown_only_to_who_may_complete(office: Database) -> None:
    with office.write() as session:
        session.execute(work_item.update().values(draft={"secret": 1}))
    with asking(office, STARTER) as queries:
        task = queries.task("for_group")
        assert (task.draft, task.may_complete, task.may_claim) == (None, False, False)
    with asking(office, SUPERIOR) as queries:
        assert queries.task("assigned").draft == {"secret": 1}


def test_a_claimed_task_may_be_released_by_its_assignee_alone(office: Database) -> None:
    with office.write() as session:
        session.execute(
            work_item.update()
            .where(work_item.c.id == "for_group")
            .values(assignee="superior", status="claimed")
        )
    with asking(office, SUPERIOR) as queries:
        task = queries.task("for_group")
        assert (task.may_claim, task.may_complete, task.may_release) == (False, True, True)
        assert not queries.task("assigned").may_release
    with asking(office, Actor("other", frozenset({"superior"}))) as queries:
        task = queries.task("for_group")
        assert (task.may_claim, task.may_complete, task.may_release) == (False, False, False)


def test_nothing_may_be_done_with_a_task_that_is_over(office: Database) -> None:
    with office.write() as session:
        add_task(session, "over", "a", groups=("superior",), status="cancelled")
        add_instance(session, "ended", deploy(session), status="failed")
        add_task(session, "stuck", "ended", groups=("superior",))
    with asking(office, SUPERIOR) as queries:
        for one in ("over", "stuck"):
            task = queries.task(one)
            assert (task.may_claim, task.may_complete, task.may_release) == (False, False, False)


def test_an_unknown_id_is_not_found_and_a_foreign_one_forbidden(office: Database) -> None:
    with asking(office, OUTSIDER) as queries:
        with pytest.raises(NotFound):
            queries.task("no_such")
        with pytest.raises(Forbidden):
            queries.task("for_group")
        with pytest.raises(NotFound):
            queries.instance("no_such")
        with pytest.raises(NotFound):
            queries.process("no_such")


def test_an_instance_shows_children_tasks_incidents_and_who_may_end_it(office: Database) -> None:
    with office.write() as session:
        add_instance(session, "child", deploy(session, "monthly_plan"), parent_instance="a")
        row = {"instance_id": "a", "token": 1, "element": "mail", "element_name": "Mail", "error": "boom"}
        session.execute(insert(incident).values(**row, id="i1", created_at=START))
        session.execute(
            insert(incident).values(
                **row, id="i2", created_at=START, resolved_at=START, resolved_by="superior"
            )
        )
    with asking(office, STARTER) as queries:
        found = queries.instance("a")
    assert [child.id for child in found.children] == ["child"]
    assert [task.id for task in found.tasks] == ["for_group"]
    assert [one.id for one in found.incidents] == ["i1"]
    assert found.may_terminate
    with asking(office, SUPERIOR) as queries:
        assert not queries.instance("a").may_terminate
        with pytest.raises(Forbidden):
            queries.incidents()
    with asking(office, AUDITOR) as queries:
        assert ids(queries.incidents()) == ["i1"]
        assert ids(queries.incidents(resolved=True)) == ["i2"]
        assert queries.incidents().items[0].instance_title == "Title of a"


def test_variables_keep_their_order(office: Database) -> None:
    with asking(office, STARTER) as queries:
        assert list(queries.variables("a").items()) == [("year", 2027), ("目標", ["one"])]


def test_history_is_read_page_by_page_in_both_directions(office: Database) -> None:
    with office.write() as session:
        record(
            session,
            "a",
            *[("variables.set", None, {"n": n}) for n in range(5)],
            ("flow.taken", None, {"flow": "f"}),
        )
    with asking(office, STARTER) as queries:
        first = queries.history("a", limit=4)
        rest = queries.history("a", cursor=first.next_cursor, limit=4)
        assert [event.seq for event in (*first.items, *rest.items)] == [1, 2, 3, 4, 5, 6]
        assert rest.next_cursor is None
        back = queries.history("a", limit=2, newest_first=True)
        assert [event.seq for event in back.items] == [6, 5]
        assert [event.seq for event in queries.history("a", kinds=["flow.taken"]).items] == [6]
        event = first.items[0]
    assert (event.actor_name, event.process_version, event.payload) == ("Operations supervisor", 1, {"n": 0})
    assert event.hash == first.items[1].previous_hash


def test_the_diagram_counts_where_tokens_are_and_were(office: Database) -> None:
    def element(what: str, name: str) -> tuple[str, str, dict[str, Any]]:
        return f"element.{what}", name, {"token": 1, "type": "userTask"}

    with office.write() as session:
        record(
            session,
            "a",
            *[element("entered", "review")] * 3,
            *[element("completed", "review")] * 2,
            *[element("entered", "confirm")] * 2,
            element("cancelled", "confirm"),
            element("completed", "confirm"),
            ("flow.taken", None, {"flow": "again"}),
            (
                "element.completed",
                "split",
                {"token": 2, "type": "parallelGateway", "flows": ["again", "到結束"]},
            ),
        )
        record(session, "a", ("element.passed", "gate", {"token": 3, "type": "gateway", "flows": ["on"]}))
        record(session, "b", element("entered", "elsewhere"))
    with asking(office, STARTER) as queries:
        diagram = queries.diagram("a")
    assert diagram.active == {"review": 1}
    assert diagram.completed == {"review": 2, "confirm": 1, "split": 1, "gate": 1}
    assert diagram.taken_flows == ("again", "on", "到結束")
    assert diagram.xml == b"<definitions/>"


def test_processes_say_whether_the_reader_may_start_them(office: Database) -> None:
    with asking(office, OUTSIDER) as queries:
        assert [(one.key, one.startable) for one in queries.processes()] == [
            ("annual_plan", True),
            ("quarterly_review", False),
        ]
    with asking(office, STARTER) as queries:
        assert all(one.startable for one in queries.processes())


def test_a_process_shows_its_versions_and_the_bytes_of_the_latest(office: Database) -> None:
    with office.write() as session:
        deploy(session, content=b"<definitions>2</definitions>", executable=False)
    with asking(office, OUTSIDER) as queries:
        found = queries.process("annual_plan")
    assert [(one.version, one.active_instances) for one in found.versions] == [(2, 0), (1, 2)]
    assert found.versions[0].deployed_by_name == "Process designer"
    assert found.xml == b"<definitions>2</definitions>"
    assert found.resources == ("forms/start.form", "process.bpmn")
    assert not found.startable


QUESTIONS: list[tuple[str, Callable[[Queries], object], int]] = [
    ("tasks", lambda queries: queries.tasks(mine=True, limit=200), 1),
    ("count", lambda queries: queries.open_task_count(), 1),
    ("task", lambda queries: queries.task("t0"), 5),
    ("instances", lambda queries: queries.instances(limit=200), 3),
    ("instance", lambda queries: queries.instance("a0"), 5),
    ("history", lambda queries: queries.history("a0", limit=200), 2),
    ("diagram", lambda queries: queries.diagram("a0"), 5),
    ("processes", lambda queries: queries.processes(), 1),
    ("process", lambda queries: queries.process("annual_plan"), 4),
]


@pytest.mark.parametrize(("name", "ask", "statements"), QUESTIONS)
def test_a_question_takes_the_same_few_statements_however_much_there_is(
    sqlite_database: Database, name: str, ask: Callable[[Queries], object], statements: int
) -> None:
    counted = []
    for amount in (2, 20):
        with sqlite_database.write() as session:
            plan = deploy(session, content=str(amount).encode())
            deploy(session, f"other_{amount}")
            for number in range(amount - 2, amount):
                add_instance(session, f"a{number}", plan)
                for place in range(amount):
                    add_task(
                        session,
                        f"t{number * amount + place}",
                        f"a{number}",
                        groups=("superior",),
                        comment="x",
                    )
            record(session, "a0", *[("variables.set", None, {})] * amount)
        with sqlite_database.counting() as counts, asking(sqlite_database, SUPERIOR) as queries:
            assert ask(queries)
        counted.append(counts.statements)
    assert counted == [statements, statements], name


def test_a_person_is_looked_up_once_for_a_page(office: Database) -> None:
    people = People()
    with office.read() as session:
        page = Queries(session, AUDITOR, people).instances()
    assert sorted(people.asked) == ["gone", "operations_supervisor"]
    assert page.items[0].starter_name == "gone"
