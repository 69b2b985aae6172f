"""Service tasks whose operation is called outside, when the command is done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine import (
    BpmnError,
    FieldProblem,
    Invalid,
    NotDeployable,
    PermanentFailure,
    TemporaryFailure,
    TerminateInstance,
    outside,
)
from tests.engine.conftest import actor, names
from tests.engine.execution.running import ADMINISTRATOR, NOTHING, start
from tests.engine.jobs.calling import END, START, Partner, call, calling, jobs
from tests.engine.xml_text import boundary, bpmn, error, many, node, script, timer, way


@pytest.fixture
def partner(operations):
    found = Partner({"id": 7})
    operations["post"] = outside(found)
    return found


def failing(operations, *does, **how):
    found = Partner(*does)
    operations["post"] = outside(found, **how)
    return found


def events(running, kind):
    with running.engine.database.read() as session:
        told = running.engine.queries(session, ADMINISTRATOR).history(running.id, None, 500).items
    return [event.payload for event in told if event.kind == kind]


def test_the_token_waits_until_the_answer_is_there(engine, deploy, partner):
    running = start(engine, deploy, calling(), amount=3)
    assert (running.status, partner.asked) == ("active", [])
    assert running.entered[-1] == "call"
    assert [each.kind for each in jobs(engine)] == ["service"]
    with engine.database.read() as session:
        assert engine.queries(session, ADMINISTRATOR).diagram(running.id).active == {"call": 1}
    assert engine.work_off() == 1
    assert (running.status, running.variables["kept"]) == ("completed", {"id": 7})
    assert running.left_behind == NOTHING


def test_history_tells_what_was_asked_and_what_was_answered(engine, deploy, partner):
    running = start(engine, deploy, calling(), amount=3)
    engine.work_off()
    [asked], [told] = events(running, "operation.requested"), events(running, "operation.called")
    assert (asked["operation"], asked["inputs"]) == ("post", {"amount": 3})
    assert (told["inputs"], told["outputs"]) == ({"amount": 3}, {"id": 7})
    assert running.completed == ["s", "call", "e"]


def test_a_send_task_calls_outside_as_well(engine, deploy, partner):
    task = node("sendTask", "call", planflow_operation="post")
    running = start(engine, deploy, bpmn(START + task + END + way("s", "call", "e")))
    assert running.status == "active"
    engine.work_off()
    assert running.status == "completed"


def test_who_is_called_learns_whose_call_it_is_and_knows_a_repeated_one_again(
    engine, deploy, operations, clock
):
    partner = failing(operations, OSError("away"), {})
    running = start(engine, deploy, calling(), amount=3)
    engine.work_off()
    clock.advance(seconds=10)
    engine.work_off()
    (first, _), (second, _) = partner.asked
    assert (first.key, first.attempt, second.attempt) == (second.key, 1, 2)
    assert (first.instance_id, first.process_key, first.starter) == (running.id, "p", "administrator")


def test_a_bpmn_error_is_caught_at_the_task(engine, deploy, operations):
    failing(operations, BpmnError("FULL", "no room"))
    caught = node("task", "mend")
    file = bpmn(
        START + call() + END + boundary("b", "call", error("full")) + caught
        + way("s", "call", "e") + way("b", "mend"),
        definitions='<bpmn:error id="full" errorCode="FULL"/>',
    )  # fmt: skip
    running = start(engine, deploy, file, amount=1)
    assert engine.work_off() == 1
    assert running.completed == ["s", "b", "mend"]
    assert running.status == "completed"


def test_a_bpmn_error_that_nobody_catches_ends_the_instance(engine, deploy, operations):
    failing(operations, BpmnError("FULL"))
    running = start(engine, deploy, calling(), amount=1)
    engine.work_off()
    assert (running.status, jobs(engine)) == ("failed", [])


# What fails


def test_it_is_tried_again_after_each_of_its_waits_and_then_stands_still(engine, deploy, operations, clock):
    failing(operations, OSError("away"), retries=("PT10S", "PT1M"))
    running = start(engine, deploy, calling(), amount=1)
    for attempts, wait in ((1, 10), (2, 60)):
        assert engine.work_off() == 0
        [waiting] = jobs(engine)
        assert (waiting.status, waiting.attempts) == ("due", attempts)
        assert waiting.try_at - clock.now == timedelta(seconds=wait)
        assert "away" in (waiting.error or "")
        clock.advance(seconds=wait - 1)
        assert engine.lease_job("somebody") is None
        clock.advance(seconds=1)
    assert running.open_incidents == []
    engine.work_off()
    assert running.open_incidents == ["call"]
    [stopped] = jobs(engine)
    assert (stopped.status, stopped.attempts) == ("failed", 3)
    with engine.database.read() as session:
        [told] = engine.queries(session, ADMINISTRATOR).incidents().items
    assert (told.element, told.attempts, "away" in told.error) == ("call", 3, True)
    assert events(running, "incident.raised")[0]["attempts"] == 3
    clock.advance(days=9)
    assert engine.lease_job("somebody") is None


def test_the_task_says_how_often_it_is_tried(engine, deploy, operations, clock):
    failing(operations, OSError("away"))
    running = start(engine, deploy, calling(planflow_retries="PT5S"), amount=1)
    engine.work_off()
    clock.advance(seconds=5)
    engine.work_off()
    assert running.open_incidents == ["call"]


def test_after_a_retry_by_hand_the_attempts_begin_anew(engine, deploy, operations, clock):
    partner = failing(operations, *5 * [OSError("away")], {"id": 1}, retries=("PT10S", "PT1M"))
    running = start(engine, deploy, calling(), amount=1)
    for _attempt in range(3):
        engine.work_off()
        clock.advance(minutes=1)
    running.retry()
    assert running.open_incidents == []
    [again] = jobs(engine)
    assert (again.status, again.attempts, again.error) == ("due", 0, None)
    for _attempt in range(3):
        engine.work_off()
        clock.advance(minutes=1)
    assert (running.status, running.open_incidents) == ("completed", [])
    assert len({whose.key for whose, _inputs in partner.asked}) == 1


def test_what_is_not_worth_repeating_stands_still_at_once(engine, deploy, operations):
    failing(operations, PermanentFailure("There is no such address."), {})
    running = start(engine, deploy, calling(), amount=1)
    engine.work_off()
    assert running.open_incidents == ["call"]
    running.retry()
    engine.work_off()
    assert running.status == "completed"


def test_inputs_that_the_operation_refuses_stand_still_at_once(engine, deploy, operations):
    failing(operations, Invalid("The inputs cannot be used.", [FieldProblem("amount", "It is too small.")]))
    running = start(engine, deploy, calling(), amount=1)
    engine.work_off()
    assert running.open_incidents == ["call"]
    assert [each.error for each in jobs(engine)] == ["The inputs cannot be used. amount: It is too small."]


@pytest.mark.parametrize(("asked", "waits"), [(5, 10), (300, 300), (10**9, 86_400)])
def test_who_asks_to_be_left_alone_is_left_alone(engine, deploy, operations, clock, asked, waits):
    failing(operations, TemporaryFailure("Too many requests.", timedelta(seconds=asked)))
    start(engine, deploy, calling(), amount=1)
    engine.work_off()
    [waiting] = jobs(engine)
    assert (waiting.try_at - clock.now, waiting.error) == (timedelta(seconds=waits), "Too many requests.")


def test_whatever_the_other_system_says_can_be_told(engine, deploy, operations, clock):
    failing(operations, OSError("a\0b\ud800" + 5_000 * "c"), retries=("PT1S",))
    running = start(engine, deploy, calling(), amount=1)
    engine.work_off()
    clock.advance(seconds=1)
    engine.work_off()
    assert running.open_incidents == ["call"]
    [stopped] = jobs(engine)
    assert stopped.attempts == 2
    assert (stopped.error or "").startswith("OSError: a\N{REPLACEMENT CHARACTER}b?ccc")


def test_an_answer_that_cannot_be_used_is_an_incident_and_a_retry_calls_again(engine, deploy, operations):
    partner = failing(operations, {}, {"x": 4})
    running = start(engine, deploy, calling(outputs="result[&quot;x&quot;]"), amount=1)
    engine.work_off()
    assert (running.open_incidents, jobs(engine)) == (["call"], [])
    running.retry()
    assert engine.work_off() == 1
    assert (running.status, running.variables["kept"], len(partner.asked)) == ("completed", 4, 2)


@pytest.mark.parametrize("answer", [None, "text", {"x": object()}, {"x": float("nan")}])
def test_an_answer_that_is_no_json_is_a_failed_attempt(engine, deploy, operations, answer):
    failing(operations, answer)
    start(engine, deploy, calling(), amount=1)
    assert engine.work_off() == 0
    assert [each.attempts for each in jobs(engine)] == [1]


def test_inputs_that_cannot_be_worked_out_are_an_incident_and_no_job(engine, deploy, partner):
    running = start(engine, deploy, calling())
    assert (running.open_incidents, jobs(engine)) == (["call"], [])


# What happens meanwhile


def interrupted() -> bytes:
    return bpmn(
        START + call() + END + boundary("late", "call", timer("timeDuration", "PT1H")) + node("task", "tell")
        + way("s", "call", "e") + way("late", "tell")
    )  # fmt: skip


def test_a_boundary_event_that_interrupts_takes_the_job_away(engine, deploy, partner, clock):
    running = start(engine, deploy, interrupted(), amount=1)
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert (jobs(engine), engine.work_off(), partner.asked) == ([], 0, [])
    assert running.cancelled == ["call"]


def test_an_answer_that_comes_after_the_interruption_is_dropped(engine, deploy, partner, clock):
    running = start(engine, deploy, interrupted(), amount=1)
    leased = engine.lease_job("slow", timedelta(hours=2))
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert engine.work(leased) is False
    assert (running.status, "kept" in running.variables) == ("completed", False)


def test_an_answer_that_comes_after_the_end_of_the_instance_is_dropped(engine, deploy, partner):
    running = start(engine, deploy, calling(), amount=1)
    leased = engine.lease_job("slow")
    engine.execute(TerminateInstance(running.id, "not wanted"), ADMINISTRATOR)
    assert (engine.work(leased), jobs(engine), running.status) == (False, [], "terminated")


def test_an_incident_of_a_job_goes_with_its_task(engine, deploy, operations, clock):
    failing(operations, PermanentFailure("no"))
    running = start(engine, deploy, interrupted(), amount=1)
    engine.work_off()
    assert running.open_incidents == ["call"]
    clock.advance(hours=1)
    engine.fire_due_timers()
    assert (running.open_incidents, running.status, jobs(engine)) == ([], "completed", [])


def test_each_of_several_calls_has_its_own_answer(engine, deploy, operations):
    def double(_whose, inputs):
        return {"twice": 2 * inputs["amount"]}

    operations["post"] = outside(double)
    each = node(
        "serviceTask",
        "call",
        '<bpmn:extensionElements><planflow:inputs><planflow:input name="amount" value="=one"/></planflow:inputs>'
        '<planflow:outputs><planflow:output name="got" value="=result[&quot;twice&quot;]"/></planflow:outputs>'
        "</bpmn:extensionElements>"
        + many(
            planflow_collection="=[1, 2, 3]",
            planflow_elementVariable="one",
            planflow_outputCollection="all",
            planflow_outputElement="=got",
        ),
        planflow_operation="post",
    )
    running = start(engine, deploy, bpmn(START + each + END + way("s", "call", "e")))
    assert len(jobs(engine)) == 3
    assert engine.work_off() == 3
    assert (running.status, running.variables["all"]) == ("completed", [2, 4, 6])


def test_a_process_that_goes_round_calls_once_for_each_round(engine, deploy, operations):
    partner = failing(operations, {"id": 1})
    again = node("exclusiveGateway", "g", default="g_e")
    file = bpmn(
        START + script("count", "rounds = rounds + 1") + call() + again + END
        + way("s", "count", "call", "g", "e")
        + '<bpmn:sequenceFlow id="back" sourceRef="g" targetRef="count"><bpmn:conditionExpression>rounds &lt; 3'
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )  # fmt: skip
    running = start(engine, deploy, file, amount=1, rounds=0)
    assert engine.work_off() == 3
    assert (running.status, len({whose.key for whose, _ in partner.asked})) == ("completed", 3)


# Models


def test_a_trial_answers_for_it_as_for_any_other_operation(trial):
    found = trial(calling(), data={"amount": 1}, answers={"call": {"result": {"id": 9}}})
    assert (found.state, found.data["kept"]) == ("completed", {"id": 9})
    assert names(found) == ["s", "call", "e"]


@pytest.mark.parametrize(
    "written", ["soon", "PT10S,", "10", "=waits", "PT0S", "PT10S;PT1M", ",".join(60 * ["PT1S"])]
)
def test_retries_that_are_no_list_of_durations_are_refused(deploy, partner, written):
    with pytest.raises(NotDeployable) as refused:
        deploy(calling(planflow_retries=written))
    assert [(p.element, p.rule) for p in refused.value.problems] == [("call", "bundle.literal")]


def test_retries_of_what_is_not_tried_again_are_refused(deploy, operations):
    operations["post"] = lambda _context, _inputs: {}
    with pytest.raises(NotDeployable) as refused:
        deploy(calling(planflow_retries="PT1M"))
    assert [(p.element, p.rule) for p in refused.value.problems] == [("call", "bundle.retries")]


def test_only_the_engine_brings_answers(engine, deploy, partner):
    from engine.commands import FailJob, FinishJob, RunJob
    from engine.errors import Forbidden

    start(engine, deploy, calling(), amount=1)
    leased = engine.lease_job("somebody")
    for command in (FinishJob(leased.id, 1, {}), FailJob(leased.id, 1, "no"), RunJob(leased.id)):
        with pytest.raises(Forbidden):
            engine.execute(command, actor("administrator"))
