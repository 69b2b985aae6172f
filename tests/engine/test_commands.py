"""What commands promise: once, whole, by the right person, with history. On SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from engine import (
    ClaimTask,
    CompleteTask,
    Conflict,
    CorrelateMessage,
    Engine,
    Forbidden,
    Invalid,
    NotFound,
    ReleaseTask,
    RetryIncident,
    SaveDraft,
    StartInstance,
    TerminateInstance,
    history,
)
from engine.storage.tables import instance
from tests.engine.conftest import SmallCompany, actor
from tests.engine.xml_text import bpmn, flow, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
OUTCOMES = (
    "<bpmn:extensionElements><planflow:outcomes>"
    '<planflow:outcome id="approve" name="Approve" kind="positive"/>'
    '<planflow:outcome id="return" name="Send back" kind="negative" comment="required"/>'
    "</planflow:outcomes></bpmn:extensionElements>"
)
REVIEW = bpmn(
    START
    + node("exclusiveGateway", "merge")
    + node("userTask", "write", planflow_assignee="=starter")
    + node("userTask", "review", OUTCOMES, planflow_candidateGroups="superior", planflow_dueDate="P3D")
    + node("exclusiveGateway", "approved", default="approved_e")
    + END
    + way("s", "merge", "write", "review", "approved", "e")
    + flow("approved", "merge", 'review_outcome == "return"'),
    planflow_starterGroups="operations_supervisor",
    planflow_title="=&quot;Plan of &quot; + str(year)",
)


@pytest.fixture
def review(engine, deploy):
    """An instance whose review is open to both superiors; returns (instance id, task id)."""
    deploy(REVIEW)
    started = engine.execute(StartInstance("p", {"year": 2026}), actor("supervisor"))
    written = engine.execute(CompleteTask(started.task_ids[0], {"text": "v1"}), actor("supervisor"))
    return started.instance_id, written.task_ids[0]


def kinds(engine, instance_id):
    with engine.database.read() as session:
        events = engine.queries(session, actor("administrator")).history(instance_id, None, 200).items
    return [(e.kind, e.element, e.actor) for e in events]


def test_a_plan_is_sent_back_revised_and_approved(engine, review):
    instance_id, task = review
    back = engine.execute(CompleteTask(task, outcome="return", comment="Too vague"), actor("superior"))
    again = engine.execute(CompleteTask(back.task_ids[0], {"text": "v2"}), actor("supervisor"))
    done = engine.execute(CompleteTask(again.task_ids[0], outcome="approve"), actor("second_superior"))
    assert done.status == "completed"
    with engine.database.read() as session:
        seen = engine.queries(session, actor("supervisor"))
        assert seen.variables(instance_id)["text"] == "v2"
        assert seen.instance(instance_id).summary.title == "Plan of 2026"
        assert list(history.verify(session)) == []
    told = kinds(engine, instance_id)
    assert ("task.completed", "review", "superior") in told
    assert told[-1] == ("instance.completed", None, "second_superior")


def test_only_starter_groups_may_start(engine, deploy):
    deploy(REVIEW)
    with pytest.raises(Forbidden):
        engine.execute(StartInstance("p", {"year": 2026}), actor("member"))


def test_an_instance_of_a_later_format_is_not_guessed_at(engine, review):
    instance_id, _task_id = review
    with engine.database.write() as session:
        state = session.scalar(select(instance.c.state).where(instance.c.id == instance_id))
        session.execute(update(instance).values(state=state.replace('"v":1', '"v":2')))
    told = kinds(engine, instance_id)

    with pytest.raises(Conflict, match="format 2"):
        engine.execute(TerminateInstance(instance_id, "why"), actor("administrator"))
    assert kinds(engine, instance_id) == told


def test_an_unknown_process_task_or_instance_is_not_found(engine):
    for command in (
        StartInstance("none"),
        CompleteTask("none"),
        TerminateInstance("none", "why"),
        ClaimTask("none"),
    ):
        with pytest.raises(NotFound):
            engine.execute(command, actor("administrator"))


def test_a_task_of_others_is_refused(engine, review):
    for command in (
        CompleteTask(review[1], outcome="approve"),
        ClaimTask(review[1]),
        SaveDraft(review[1], {}),
    ):
        with pytest.raises(Forbidden):
            engine.execute(command, actor("member"))


def test_completing_twice_says_who_was_first_and_when(engine, review):
    engine.execute(CompleteTask(review[1], outcome="approve"), actor("superior"))
    with pytest.raises(Conflict, match=r"completed by Superior on 2026-03-02 09:00"):
        engine.execute(CompleteTask(review[1], outcome="approve"), actor("second_superior"))


def test_claiming_keeps_other_candidates_off_until_it_is_released(engine, review):
    engine.execute(ClaimTask(review[1]), actor("superior"))
    with pytest.raises(Conflict, match="claimed by Superior"):
        engine.execute(CompleteTask(review[1], outcome="approve"), actor("second_superior"))
    with pytest.raises(Forbidden):
        engine.execute(ReleaseTask(review[1]), actor("second_superior"))
    engine.execute(ReleaseTask(review[1]), actor("superior"))
    assert (
        engine.execute(CompleteTask(review[1], outcome="approve"), actor("second_superior")).status
        == "completed"
    )


def test_a_task_given_to_one_person_cannot_be_released(engine, deploy):
    deploy(REVIEW)
    started = engine.execute(StartInstance("p", {"year": 2026}), actor("supervisor"))
    with pytest.raises(Conflict):
        engine.execute(ReleaseTask(started.task_ids[0]), actor("supervisor"))


def test_sending_back_without_saying_why_changes_nothing(engine, review):
    before = kinds(engine, review[0])
    with pytest.raises(Invalid) as refused:
        engine.execute(CompleteTask(review[1], outcome="return", comment="  "), actor("superior"))
    assert [problem.field for problem in refused.value.fields] == ["comment"]
    assert kinds(engine, review[0]) == before


def test_an_unknown_outcome_is_refused(engine, review):
    with pytest.raises(Invalid) as refused:
        engine.execute(CompleteTask(review[1], outcome="maybe"), actor("superior"))
    assert [problem.field for problem in refused.value.fields] == ["outcome"]


def test_a_revision_that_moved_on_conflicts(engine, review):
    engine.execute(ClaimTask(review[1]), actor("superior"))
    with pytest.raises(Conflict, match="changed since you opened it"):
        engine.execute(CompleteTask(review[1], outcome="approve", revision=1), actor("superior"))


def test_a_key_said_twice_is_done_once_and_answers_the_same(engine, review):
    command = CompleteTask(review[1], outcome="approve")
    first = engine.execute(command, actor("superior"), "key-1")
    second = engine.execute(command, actor("superior"), "key-1")
    assert second.replayed
    assert (second.instance_id, second.revision) == (first.instance_id, first.revision)
    with pytest.raises(Invalid, match="different command"):
        engine.execute(StartInstance("p", {"year": 1}), actor("superior"), "key-1")


def test_of_many_who_complete_at_once_one_wins(engine, review):
    def complete(number):
        try:
            engine.execute(CompleteTask(review[1], outcome="approve"), actor("superior"))
        except Conflict:
            return "conflict"
        return "done"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(complete, range(16)))
    assert sorted(answers) == ["conflict"] * 15 + ["done"]
    told = [kind for kind, element, _ in kinds(engine, review[0]) if element == "review"]
    assert told.count("task.completed") == 1


def test_the_same_key_at_once_answers_everybody_the_same(engine, review):
    together = Barrier(6)

    def complete(_):
        together.wait()
        return engine.execute(CompleteTask(review[1], outcome="approve"), actor("superior"), "approve-1")

    with ThreadPoolExecutor(6) as pool:
        results = [result for _round in range(3) for result in pool.map(complete, range(6))]
    assert {(result.status, result.revision) for result in results} == {("completed", results[0].revision)}
    assert sum(not result.replayed for result in results) == 1


def test_the_same_key_at_once_is_done_once(engine, deploy):
    deploy(REVIEW)
    with ThreadPoolExecutor(6) as pool:
        results = list(
            pool.map(
                lambda _: engine.execute(StartInstance("p", {"year": 2026}), actor("supervisor"), "start-1"),
                range(12),
            )
        )
    assert len({result.instance_id for result in results}) == 1
    assert sum(not result.replayed for result in results) == 1


def test_a_draft_is_kept_and_shown_to_whoever_may_complete(engine, review):
    engine.execute(SaveDraft(review[1], {"note": "half"}), actor("superior"))
    assert engine.view_task(review[1], actor("superior")).detail.draft == {"note": "half"}


def test_terminating_cancels_open_work_and_needs_a_reason(engine, review):
    instance_id, task = review
    with pytest.raises(Invalid):
        engine.execute(TerminateInstance(instance_id, " "), actor("supervisor"))
    with pytest.raises(Forbidden):
        engine.execute(TerminateInstance(instance_id, "no"), actor("superior"))
    assert (
        engine.execute(TerminateInstance(instance_id, "Not needed"), actor("supervisor")).status
        == "terminated"
    )
    with pytest.raises(Conflict, match="not needed any more"):
        engine.execute(CompleteTask(task, outcome="approve"), actor("superior"))
    with pytest.raises(Conflict):
        engine.execute(TerminateInstance(instance_id, "again"), actor("supervisor"))


def reminding(engine, deploy, cycle):
    deploy(
        bpmn(
            START
            + node("userTask", "a", planflow_assignee="member")
            + node(
                "boundaryEvent", "late", timer("timeCycle", cycle), attachedToRef="a", cancelActivity="false"
            )
            + node("task", "tell")
            + END
            + way("s", "a", "e")
            + way("late", "tell")
        )
    )
    return engine.execute(StartInstance("p"), actor("supervisor"))


def test_a_repeating_timer_fires_once_after_a_long_absence_and_goes_on_in_step(engine, deploy, clock):
    started = reminding(engine, deploy, "R/P1D")
    assert engine.fire_due_timers() == 0
    clock.advance(days=5, hours=1)
    assert engine.fire_due_timers() == 1
    assert engine.fire_due_timers() == 0
    clock.advance(hours=22)
    assert engine.fire_due_timers() == 0
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert [k for k, e, _ in kinds(engine, started.instance_id) if e == "tell"] == ["element.passed"] * 2


def test_a_timer_goes_with_its_task(engine, deploy, clock):
    started = reminding(engine, deploy, "R2/P1D")
    engine.execute(CompleteTask(started.task_ids[0]), actor("member"))
    clock.advance(days=9)
    assert engine.fire_due_timers() == 0


def test_two_workers_fire_a_timer_once(engine, deploy, clock):
    started = reminding(engine, deploy, "R1/P1D")
    clock.advance(days=2)
    with ThreadPoolExecutor(4) as pool:
        fired = sum(pool.map(lambda _: engine.fire_due_timers(), range(4)))
    assert fired == 1
    assert [k for k, _, _ in kinds(engine, started.instance_id)].count("timer.fired") == 1


MESSAGE = '<bpmn:message id="paid" name="paid"/>'
WAITING = bpmn(
    START
    + node("receiveTask", "wait", messageRef="paid", planflow_correlation="={&quot;order&quot;: order}")
    + END
    + way("s", "wait", "e"),
    definitions=MESSAGE,
)


def test_a_message_finds_the_instance_whose_keys_all_match(engine, deploy):
    deploy(WAITING)
    ours = engine.execute(StartInstance("p", {"order": 7}), actor("supervisor"))
    engine.execute(StartInstance("p", {"order": 8}), actor("supervisor"))
    with pytest.raises(NotFound):
        engine.execute(CorrelateMessage("paid", {"order": 9}), actor("administrator"))
    with pytest.raises(NotFound):
        engine.execute(CorrelateMessage("paid", {}), actor("administrator"))
    with pytest.raises(Forbidden):
        engine.execute(CorrelateMessage("paid", {"order": 7}), actor("supervisor"))
    result = engine.execute(CorrelateMessage("paid", {"order": 7}, {"amount": 5}), actor("administrator"))
    assert (result.instance_id, result.status) == (ours.instance_id, "completed")


def test_a_message_that_several_instances_wait_for_is_refused(engine, deploy):
    deploy(WAITING)
    for _ in range(2):
        engine.execute(StartInstance("p", {"order": 7}), actor("supervisor"))
    with pytest.raises(Conflict):
        engine.execute(CorrelateMessage("paid", {"order": 7}), actor("administrator"))


def test_a_message_starts_the_latest_version_of_its_process(engine, deploy):
    start = node("startEvent", "s", '<bpmn:messageEventDefinition messageRef="paid"/>')
    deploy(bpmn(start + node("userTask", "old") + way("s", "old"), definitions=MESSAGE))
    deploy(bpmn(start + node("userTask", "new") + way("s", "new"), definitions=MESSAGE))
    started = engine.execute(CorrelateMessage("paid", {}, {"amount": 5}), actor("administrator"))
    assert engine.view_task(started.task_ids[0], actor("administrator")).detail.summary.element == "new"
    with pytest.raises(Invalid, match="by an event"):
        engine.execute(StartInstance("p"), actor("supervisor"))


def calling(operation):
    return bpmn(
        START + node("serviceTask", "call", planflow_operation=operation) + END + way("s", "call", "e")
    )


def test_an_operation_that_fails_raises_an_incident_that_can_be_retried(engine, deploy, operations):
    answers = [RuntimeError("the scales are broken"), {}]

    def weigh(context, inputs):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    operations["weigh"] = weigh
    deploy(calling("weigh"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    assert started.status == "active"
    with engine.database.read() as session:
        (found,) = engine.queries(session, actor("administrator")).incidents().items
    assert (found.element, "the scales are broken" in found.error) == ("call", True)
    with pytest.raises(Forbidden):
        engine.execute(RetryIncident(found.id), actor("supervisor"))
    assert engine.execute(RetryIncident(found.id), actor("administrator")).status == "completed"
    with pytest.raises((Conflict, NotFound)):
        engine.execute(RetryIncident(found.id), actor("administrator"))


def test_what_an_operation_finds_wrong_is_told_to_the_person_and_undoes_everything(
    engine, deploy, operations
):
    def refuse(context, inputs):
        raise Invalid("There is a plan for %(year)d already.", year=2026)

    operations["refuse"] = refuse
    deploy(calling("refuse"))
    with pytest.raises(Invalid, match="There is a plan for 2026 already"):
        engine.execute(StartInstance("p"), actor("supervisor"))
    with engine.database.read() as session:
        assert engine.queries(session, actor("administrator")).instances().items == ()


def test_what_a_token_only_passes_has_one_event(engine, deploy):
    deploy(bpmn(START + node("exclusiveGateway", "g") + node("userTask", "a") + way("s", "g", "a")))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    told = [(kind, element) for kind, element, _ in kinds(engine, started.instance_id) if element]
    passed = [("element.passed", "s"), ("element.passed", "g")]
    assert told == [*passed, ("element.entered", "a"), ("task.created", "a")]


def test_running_instances_stay_on_their_version(engine, deploy):
    deploy(bpmn(START + node("userTask", "a") + node("task", "old") + way("s", "a", "old")))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    deploy(bpmn(START + node("userTask", "a") + node("task", "new") + way("s", "a", "new")))
    engine.execute(CompleteTask(started.task_ids[0]), actor("supervisor"))
    assert ("element.passed", "old", "supervisor") in kinds(engine, started.instance_id)


def test_a_task_that_names_nobody_is_for_the_starter_and_administrators(engine, deploy):
    deploy(bpmn(START + node("userTask", "a") + way("s", "a")))
    started = [engine.execute(StartInstance("p"), actor("supervisor")) for _ in range(2)]
    with pytest.raises(Forbidden):
        engine.execute(CompleteTask(started[0].task_ids[0]), actor("member"))
    assert engine.execute(CompleteTask(started[0].task_ids[0]), actor("supervisor")).status == "completed"
    assert engine.execute(CompleteTask(started[1].task_ids[0]), actor("administrator")).status == "completed"


def test_completing_takes_one_commit_and_few_statements(engine, deploy):
    deploy(REVIEW)
    started = engine.execute(StartInstance("p", {"year": 2026}), actor("supervisor"))
    with engine.database.counting() as counts:
        engine.execute(CompleteTask(started.task_ids[0], {"text": "v1"}), actor("supervisor"))
    assert counts.commits == 1
    assert counts.statements <= 15


def test_a_date_means_its_first_moment_where_the_company_is(database, sandbox, clock):
    taipei = Engine(
        database,
        lambda _session: SmallCompany(),
        {},
        clock=clock,
        sandbox=sandbox,
        timezone=ZoneInfo("Asia/Taipei"),
    )
    wait = node("intermediateCatchEvent", "wait", timer("timeDate", "=start_of_month(2026, 4)"))
    taipei.deploy({"p.bpmn": bpmn(START + wait + END + way("s", "wait", "e"))}, actor("designer"), "test")
    taipei.execute(StartInstance("p"), actor("supervisor"))
    clock.now = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    assert taipei.fire_due_timers() == 0
    clock.now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    assert taipei.fire_due_timers() == 1
