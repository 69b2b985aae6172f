"""The life of a plan: drafted, saved, in force, adjusted, released."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import BpmnError, Database, Invalid, NotFound
from engine.storage import tables as engine_tables
from plans import plans, versions
from plans.contents import Contents
from plans.periods import annual
from plans.refusals import NotInForce
from plans.tables import plan_version
from tests.plans.conftest import NOW, Process, found_company, goal, plan_in_force


def draft(process: Process, owner: str = "operations_supervisor") -> str:
    made = process.call("plans.draft", kind="annual", year=2027, title="Annual plan 2027", owner=owner)
    plan_id: str = made["plan_id"]
    return plan_id


def running(session: Session, instance_id: str, status: str = "active") -> None:
    """An instance of the engine, as far as the plan rules look at it."""
    deployment = str(uuid.uuid4())
    values = {"id": deployment, "created_at": NOW, "actor": "a", "name": "n", "sha256": instance_id}
    session.execute(insert(engine_tables.deployment).values(values))
    made = insert(engine_tables.process_definition).values(
        key=instance_id,
        version=1,
        deployment_id=deployment,
        resource_name="process.bpmn",
        name="n",
        executable=True,
        created_at=NOW,
        starter_groups=[],
    )
    session.execute(insert(engine_tables.blob).values(sha256=instance_id, content=b""))
    session.execute(
        insert(engine_tables.resource).values(
            deployment_id=deployment, name="process.bpmn", sha256=instance_id
        )
    )
    definition = session.execute(made).inserted_primary_key
    assert definition is not None
    session.execute(
        insert(engine_tables.instance).values(
            id=instance_id,
            definition_id=definition[0],
            process_key=instance_id,
            title="t",
            starter="operations_supervisor",
            status=status,
            revision=1,
            state="",
            variables={},
            started_at=NOW,
            updated_at=NOW,
            history_seq=0,
            history_hash="",
        )
    )


def test_a_plan_goes_from_draft_to_in_force_with_everything_it_says(process: Process) -> None:
    plan_id = draft(process)
    risk = {"risk": "Prices rise", "response": "Fix them in contracts"}
    action = {"task": "Open two routes", "owner": "team_member_1", "start": "2027-01-10", "end": "2027-06-30"}
    saved = process.call(
        "plans.save",
        plan_id=plan_id,
        document={"overview": "The year of the north"},
        goals=[goal()],
        actions=[action],
        resources=[{"item": "Vans", "quantity": 2}],
        risks=[risk],
    )
    assert saved == {"version": 1}
    in_force = process.call("plans.put_in_force", plan_id=plan_id, approved_by="director")
    assert in_force == {"version": 1, "in_force_from": NOW.isoformat()}
    view = process.call("plans.view", plan_id=plan_id)
    assert view == {
        "plan_id": plan_id,
        "reference": "2027",
        "title": "Annual plan 2027",
        "kind": "annual",
        "year": 2027,
        "quarter": None,
        "month": None,
        "version": 1,
        "status": "in_force",
        "owner": "operations_supervisor",
        "document": {"overview": "The year of the north"},
        "goals": [goal()],
        "actions": [{**action, "resources": None, "result": None, "goal": None}],
        "resources": [{"item": "Vans", "quantity": 2}],
        "risks": [risk],
    }


def test_saving_again_changes_the_same_draft_and_leaves_out_nothing_that_was_not_sent(
    process: Process,
) -> None:
    plan_id = draft(process)
    process.call("plans.save", plan_id=plan_id, document={"overview": "Old"}, goals=[goal(), goal("Second")])
    assert process.call("plans.save", plan_id=plan_id, goals=[goal("Only")]) == {"version": 1}
    view = process.call("plans.view", plan_id=plan_id)
    assert [each["name"] for each in view["goals"]] == ["Only"]
    assert view["document"] == {"overview": "Old"}


def test_a_period_that_another_running_instance_drafts_is_refused(session: Session) -> None:
    running(session, "first")
    draft(Process(session, "first"))
    with pytest.raises(BpmnError) as refused:
        draft(Process(session, "second"))
    assert refused.value.code == "PLAN_EXISTS"
    assert "already being drafted" in refused.value.message


def test_a_draft_whose_process_has_ended_is_taken_over(session: Session) -> None:
    running(session, "first", status="terminated")
    left = draft(Process(session, "first"))
    assert draft(Process(session, "second")) == left
    assert plans.get(session, left).instance_id == "second"


def test_the_same_instance_may_draft_again(process: Process) -> None:
    assert draft(process) == draft(process)


def test_a_plan_in_force_is_adjusted_not_drafted_again(process: Process) -> None:
    plan_id = plan_in_force(process, [goal()])
    for call in (lambda: draft(process), lambda: process.call("plans.save", plan_id=plan_id, goals=[])):
        with pytest.raises(BpmnError) as refused:
            call()
        assert refused.value.code == "PLAN_EXISTS"


def test_two_supervisors_each_have_a_plan_for_the_year(process: Process) -> None:
    assert draft(process) != draft(process, owner="second_supervisor")


def test_a_plan_of_somebody_who_does_not_exist_is_refused(process: Process) -> None:
    with pytest.raises(Invalid) as refused:
        draft(process, owner="nobody")
    assert "plans.draft" in str(refused.value)
    assert "owner" in str(refused.value)


def test_nothing_comes_into_force_without_a_draft(process: Process) -> None:
    plan_id = draft(process)
    with pytest.raises(BpmnError) as refused:
        process.call("plans.put_in_force", plan_id=plan_id)
    assert refused.value.code == "NOTHING_DRAFTED"


def test_an_adjustment_makes_a_new_version_and_keeps_the_old_one_readable(session: Session) -> None:
    process = Process(session)
    plan_id = plan_in_force(process, [goal(), goal("Cut cost")])
    later = Process(session, now=NOW + timedelta(days=30))
    changed = later.call(
        "plans.adjust",
        plan_id=plan_id,
        goals=[goal(target=1000)],
        document={"adjustment": "Less in the north"},
        ground="market_change",
        reason="Demand fell by a tenth",
        approved_by="director",
    )
    assert changed == {"version": 2, "previous_version": 1}
    new, old = versions.list_versions(session, plan_id)
    assert (new.status, new.ground, new.approved_by) == ("in_force", "market_change", "director")
    assert new.in_force_from == old.superseded_at == NOW + timedelta(days=30)
    assert (old.status, old.in_force_from) == ("superseded", NOW)
    assert [g.target for g in versions.read(session, plan_id, 1).goals] == [1200, 1200]
    assert [g.target for g in versions.read(session, plan_id, 2).goals] == [1000]
    assert versions.read(session, plan_id, 2).document == {
        "overview": "First",
        "adjustment": "Less in the north",
    }


def test_a_draft_cannot_be_adjusted_released_filed_or_confirmed(process: Process) -> None:
    plan_id = draft(process)
    process.call("plans.save", plan_id=plan_id, goals=[goal()])
    for operation, inputs in (
        ("plans.adjust", {}),
        ("plans.release", {}),
        ("plans.file_with_departments", {"departments": ["finance"]}),
        ("plans.confirm", {"users": ["team_member_1"]}),
    ):
        with pytest.raises(BpmnError) as refused:
            process.call(operation, plan_id=plan_id, **inputs)
        assert refused.value.code == "PLAN_NOT_IN_FORCE"


def test_the_database_itself_refuses_a_second_version_in_force(session: Session) -> None:
    plan_id = plan_in_force(Process(session), [goal()])
    with pytest.raises(IntegrityError), session.begin_nested():
        versions.add(session, plan_id, versions.IN_FORCE, Contents(), NOW)


def test_of_two_adjustments_at_once_both_count_and_one_version_is_in_force(database: Database) -> None:
    with database.write() as session:
        found_company(session)
        plan_id = plan_in_force(Process(session), [goal()])
    together = threading.Barrier(2)
    problems: list[Exception] = []

    def adjust(target: int) -> None:
        try:
            together.wait()
            with database.write() as session:
                Process(session).call("plans.adjust", plan_id=plan_id, goals=[goal(target=target)])
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=adjust, args=(target,)) for target in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        rows = session.execute(select(plan_version.c.version, plan_version.c.status)).all()
    assert problems == []
    assert sorted(rows) == [(1, "superseded"), (2, "superseded"), (3, "in_force")]


def test_of_two_who_draft_one_plan_at_once_the_second_is_refused(database: Database) -> None:
    with database.write() as session:
        found_company(session)
        for instance_id in ("first", "second"):
            running(session, instance_id)
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def begin(instance_id: str) -> None:
        together.wait()
        try:
            with database.write() as session:
                draft(Process(session, instance_id))
            outcomes.append("drafted")
        except BpmnError as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=begin, args=(instance_id,)) for instance_id in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["PLAN_EXISTS", "drafted"]


def test_the_plan_in_force_of_a_period_is_ones_own_then_the_superiors_then_any(session: Session) -> None:
    process = Process(session)
    own = plan_in_force(process, [goal()])
    made = plans.draft(session, annual(2027), "Second", "second_supervisor", "instance-2", NOW)
    plans.save(session, made.id, Contents(), NOW)
    plans.put_in_force(session, made.id, None, NOW)
    expected = {"operations_supervisor": own, "second_supervisor": made.id, "team_member_1": own}
    for owner, plan_id in expected.items():
        found = plans.find_in_force(session, annual(2027), owner)
        assert found is not None
        assert found.id == plan_id
    assert plans.find_in_force(session, annual(2027), "auditor") is not None
    assert plans.find_in_force(session, annual(2026), "operations_supervisor") is None


def test_a_released_plan_names_its_team_and_stays_in_force(session: Session) -> None:
    process = Process(session)
    plan_id = plan_in_force(process, [goal()], kind="monthly", month=2)
    released = process.call("plans.release", plan_id=plan_id)
    assert released == {"released_at": NOW.isoformat(), "team": ["team_member_1", "team_member_2"]}
    assert plans.get_in_force(session, plan_id).status == "released"
    assert process.call("plans.in_force", kind="monthly", year=2027, month=2)["plan"]["plan_id"] == plan_id


def test_filing_twice_adds_only_what_is_new(process: Process) -> None:
    plan_id = plan_in_force(process, [goal()])
    for _ in range(2):
        filed = process.call("plans.file_with_departments", plan_id=plan_id, departments=["finance"])
        assert filed == {"filed_with": ["finance"]}
    with pytest.raises(Invalid) as refused:
        process.call("plans.file_with_departments", plan_id=plan_id, departments=["moon"])
    assert "There is no department moon." in str(refused.value)


def test_each_member_who_confirms_is_remembered_once(process: Process) -> None:
    plan_id = plan_in_force(process, [goal()])
    process.call("plans.confirm", plan_id=plan_id, users=["team_member_2"])
    confirmed = process.call("plans.confirm", plan_id=plan_id, users=["team_member_1", "team_member_2"])
    assert confirmed == {"confirmed": ["team_member_1", "team_member_2"]}


def test_a_plan_that_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        plans.get(session, "none")


def test_a_refusal_knows_the_code_that_a_process_catches() -> None:
    assert NotInForce("x").bpmn_code == "PLAN_NOT_IN_FORCE"
