"""The life of a job: leased, done once, tried again, and what other rooms put in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update

from engine import SYSTEM, Conflict, Engine, Forbidden, NotFound, RetryJob, StartInstance, outside
from engine.commands import FailJob
from engine.jobs import Inside, Outside, Retries, enqueue
from engine.jobs.leasing import CANDIDATES, give_back
from engine.storage.tables import instance
from tests.engine.conftest import SmallCompany, actor
from tests.engine.execution.running import ADMINISTRATOR, start
from tests.engine.jobs.calling import END, START, Partner, call, calling, jobs
from tests.engine.xml_text import boundary, bpmn, catch, conditional, node, timer, way

A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def partner(operations):
    found = Partner({"id": 7})
    operations["post"] = outside(found)
    return found


@pytest.fixture
def with_kinds(database, sandbox, clock, operations):
    """An engine with kinds of jobs that other rooms have."""

    def made(**kinds) -> Engine:
        return Engine(
            database, lambda _session: SmallCompany(), operations, clock=clock, sandbox=sandbox, jobs=kinds
        )

    return made


def put(engine, kind, **how):
    with engine.database.write() as session:
        return enqueue(session, kind, {"n": 1}, engine.clock(), **how)


# Leases


def test_jobs_of_no_instance_are_in_work_at_the_same_time(with_kinds):
    engine = with_kinds(letter=Outside(lambda _job: {}, lambda *_: None))
    put(engine, "letter")
    put(engine, "letter")
    assert engine.lease_job("first", A_MINUTE) is not None
    assert engine.lease_job("second", A_MINUTE) is not None
    assert engine.lease_job("third", A_MINUTE) is None


def test_a_leased_job_is_nobody_elses_until_its_lease_runs_out(engine, deploy, partner, clock):
    start(engine, deploy, calling(), amount=1)
    first = engine.lease_job("first", A_MINUTE)
    assert (first.lease, first.lease_owner, first.lease_until) == (1, "first", clock.now + A_MINUTE)
    assert engine.lease_job("second", A_MINUTE) is None
    clock.advance(seconds=59)
    assert engine.lease_job("second", A_MINUTE) is None
    clock.advance(seconds=1)
    second = engine.lease_job("second", A_MINUTE)
    assert (second.id, second.lease, second.lease_owner) == (first.id, 2, "second")


def test_a_slow_worker_whose_lease_was_taken_cannot_write(engine, deploy, partner, clock):
    running = start(engine, deploy, calling(), amount=1)
    slow = engine.lease_job("slow", A_MINUTE)
    clock.advance(minutes=1)
    quick = engine.lease_job("quick", A_MINUTE)
    assert engine.work(slow) is False
    assert running.status == "active"
    assert engine.work(quick) is True
    assert running.status == "completed"
    assert running.told("operation.called") == ["call"]
    assert engine.work(slow) is False


def test_a_slow_worker_that_fails_late_counts_no_attempt(engine, deploy, operations, clock):
    operations["post"] = outside(Partner(OSError("away")))
    start(engine, deploy, calling(), amount=1)
    slow = engine.lease_job("slow", A_MINUTE)
    clock.advance(minutes=1)
    engine.lease_job("quick", A_MINUTE)
    engine.work(slow)
    [still] = jobs(engine)
    assert (still.status, still.lease_owner, still.attempts) == ("leased", "quick", 0)


def test_a_slow_worker_whose_lease_nobody_has_taken_may_still_write(engine, deploy, partner, clock):
    running = start(engine, deploy, calling(), amount=1)
    slow = engine.lease_job("slow", A_MINUTE)
    clock.advance(hours=1)
    assert engine.work(slow) is True
    assert running.status == "completed"


def test_a_job_that_is_given_back_is_there_for_others_at_once(engine, deploy, partner):
    start(engine, deploy, calling(), amount=1)
    first = engine.lease_job("first")
    engine.give_back(first)
    second = engine.lease_job("second")
    assert (second.id, second.lease, second.attempts) == (first.id, 2, 0)
    assert engine.work(first) is False
    with engine.database.write() as session:
        assert give_back(session, first.id, first.lease, engine.clock()) is False


def test_jobs_of_one_instance_are_in_work_one_after_the_other(engine, deploy, partner):
    split = node("parallelGateway", "g")
    file = bpmn(START + split + call("one") + call("two") + way("s", "g", "one") + way("g", "two"))
    first, second = (start(engine, deploy, file, amount=1) for _instance in range(2))
    leased = [engine.lease_job("w") for _job in range(3)]
    assert [each and each.instance_id for each in leased] == [first.id, second.id, None]
    engine.work(leased[0])
    assert engine.lease_job("w").instance_id == first.id


def test_an_instance_with_many_calls_holds_up_no_other(engine, deploy, partner):
    many_calls = "".join(call(f"c{n}") + way("g", f"c{n}") for n in range(CANDIDATES + 5))
    many = start(
        engine, deploy, bpmn(START + node("parallelGateway", "g") + many_calls + way("s", "g")), amount=1
    )
    other = start(engine, deploy, calling(), amount=1)
    assert [engine.lease_job("w").instance_id for _job in range(2)] == [many.id, other.id]


def test_many_workers_at_once_do_each_job_once_and_no_two_of_an_instance(engine, deploy, operations):
    at_work: dict[str, int] = {}
    together = []

    def post(whose, inputs):
        at_work[whose.instance_id] = at_work.get(whose.instance_id, 0) + 1
        together.append(at_work[whose.instance_id])
        at_work[whose.instance_id] -= 1
        return {}

    partner = operations["post"] = outside(post)
    assert partner.retries
    split = node("parallelGateway", "g")
    calls = "".join(call(f"c{n}") + way("g", f"c{n}") for n in range(3))
    file = bpmn(START + split + calls + way("s", "g"))
    ran = [start(engine, deploy, file, amount=1) for _instance in range(5)]

    def work(number):
        done = 0
        for _round in range(60):
            done += engine.work_off(f"w{number}", 1)
        return done

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(work, range(4)))
    done += engine.work_off()
    assert (done, set(together), len(together)) == (15, {1}, 15)
    assert [running.status for running in ran] == 5 * ["completed"]
    assert [len(running.told("operation.called")) for running in ran] == 5 * [3]


# Clocks


def test_a_clock_that_is_set_back_keeps_no_lease_and_no_try_waiting(engine, deploy, operations, clock):
    operations["post"] = outside(Partner(OSError("away"), {}))
    running = start(engine, deploy, calling(), amount=1)
    clock.advance(days=30)
    engine.lease_job("died")
    clock.advance(days=-30)
    again = engine.lease_job("somebody")
    assert again.lease == 2
    clock.advance(days=30)
    engine.work(again)
    clock.advance(days=-30)
    assert engine.work_off() == 1
    assert running.status == "completed"


def test_clocks_that_lie_a_little_apart_take_no_lease_away(engine, deploy, partner, clock):
    start(engine, deploy, calling(), amount=1)
    engine.lease_job("ahead")
    clock.advance(seconds=-30)
    assert engine.lease_job("behind") is None


def test_a_clock_that_jumps_forward_and_back_fires_a_timer_once(engine, deploy, clock):
    running = start(
        engine, deploy, bpmn(START + catch("t", timer("timeDuration", "PT1H")) + END + way("s", "t", "e"))
    )
    clock.advance(days=3)
    assert engine.fire_due_timers() == 1
    clock.advance(days=-3)
    assert engine.fire_due_timers() == 0
    clock.advance(days=5)
    assert engine.fire_due_timers() == 0
    assert (running.status, running.told("timer.fired")) == ("completed", ["t"])


def test_rounds_that_were_missed_fire_once_and_go_on_in_step_after_the_clock_has_jumped(
    engine, deploy, clock
):
    begun = clock.now
    file = bpmn(
        START
        + node("userTask", "a", planflow_assignee="member")
        + boundary("b", "a", timer("timeCycle", "R/PT1H"), interrupting=False)
        + node("task", "tell")
        + way("s", "a")
        + way("b", "tell")
    )
    running = start(engine, deploy, file)
    clock.advance(hours=5, minutes=20)
    assert engine.fire_due_timers() == 1
    clock.advance(hours=-2)
    assert engine.fire_due_timers() == 0
    clock.advance(hours=2, minutes=40)
    assert engine.fire_due_timers() == 1
    assert len(running.told("timer.fired")) == 2
    [following] = jobs(engine)
    assert following.due_at == begun + timedelta(hours=7)


# Timers that fail


def set_state(running, text):
    with running.engine.database.write() as session:
        session.execute(update(instance).where(instance.c.id == running.id).values(state=text))


def test_a_timer_that_cannot_be_fired_is_tried_again_and_holds_up_no_other(engine, deploy, clock):
    file = bpmn(START + catch("t", timer("timeDuration", "PT1H")) + END + way("s", "t", "e"))
    broken, whole = (start(engine, deploy, file) for _instance in range(2))
    state = broken.state
    set_state(broken, "{}")
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert whole.status == "completed"
    for wait in (10, 60, 600):
        clock.advance(seconds=wait - 1)
        assert engine.fire_due_timers() == 0
        clock.advance(seconds=1)
        assert engine.fire_due_timers() == 0
    [stuck] = jobs(engine)
    assert (stuck.status, stuck.attempts, stuck.try_at - clock.now) == ("due", 3, timedelta(hours=1))
    set_state(broken, state)
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert broken.status == "completed"


def test_a_timer_that_has_failed_for_good_is_an_incident_until_it_is_retried(engine, deploy, clock):
    file = bpmn(START + catch("t", timer("timeDuration", "PT1H")) + END + way("s", "t", "e"))
    running = start(engine, deploy, file)
    [waiting] = jobs(engine)
    clock.advance(hours=1)
    engine.execute(FailJob(waiting.id, None, "it broke", final=True), SYSTEM)
    assert (running.open_incidents, engine.fire_due_timers()) == (["t"], 0)
    running.retry()
    assert (running.open_incidents, engine.fire_due_timers()) == ([], 1)
    assert running.status == "completed"


def test_what_an_incident_of_a_timer_has_not_seen_is_seen_when_it_is_retried(engine, deploy, clock):
    """One event of several has failed; the condition of another came true meanwhile."""
    waiting = catch("t", timer("timeDuration", "PT1H") + conditional("done"))
    fork = node("parallelGateway", "g") + node("userTask", "a", planflow_candidateGroups="administrator")
    file = bpmn(START + fork + waiting + END + way("s", "g", "t", "e") + way("g", "a"))
    running = start(engine, deploy, file, done=False)
    [timed] = jobs(engine)
    clock.advance(hours=1)
    engine.execute(FailJob(timed.id, None, "it broke", final=True), SYSTEM)
    running.complete("a", {"done": True})
    assert running.open_incidents == ["t"]
    running.retry()
    assert (running.status, jobs(engine)) == ("completed", [])


# Kinds of other rooms


def test_what_is_put_in_with_a_command_is_done_when_that_is_committed(with_kinds):
    seen = []
    engine = with_kinds(note=Inside(lambda _ctx, job: seen.append(dict(job.payload))))
    with suppress(RuntimeError), engine.database.write() as session:
        enqueue(session, "note", {"n": 0}, engine.clock())
        raise RuntimeError
    put(engine, "note")
    assert engine.fire_due_timers() == 1
    assert (seen, jobs(engine)) == ([{"n": 1}], [])


def test_an_operation_may_put_a_job_in(with_kinds, operations):
    seen = []
    engine = with_kinds(note=Inside(lambda _ctx, job: seen.append((job.payload["text"], job.instance_id))))
    operations["tell"] = lambda context, _inputs: {"job": context.enqueue("note", {"text": "told"})}
    task = node("serviceTask", "call", planflow_operation="tell")
    engine.deploy({"p.bpmn": bpmn(START + task + END + way("s", "call", "e"))}, actor("designer"), "t")
    done = engine.execute(StartInstance("p"), ADMINISTRATOR)
    assert engine.fire_due_timers() == 1
    assert seen == [("told", done.instance_id)]


def test_a_kind_that_nobody_knows_is_not_put_in(engine):
    with engine.database.write() as session, pytest.raises(KeyError):
        engine._context(session, ADMINISTRATOR).enqueue("unknown", {})


def test_one_that_says_when_it_is_to_be_done_again_is_due_then(with_kinds, clock):
    engine = with_kinds(sweep=Inside(lambda ctx, _job: ctx.now + timedelta(days=1)))
    put(engine, "sweep", due_at=clock.now + A_MINUTE)
    assert engine.fire_due_timers() == 0
    clock.advance(minutes=1)
    assert engine.fire_due_timers() == 1
    assert engine.fire_due_timers() == 0
    clock.advance(days=1)
    assert engine.fire_due_timers() == 1


def test_what_a_failed_job_has_written_does_not_remain(with_kinds):
    def write(ctx, job):
        ctx.enqueue("note", {"n": 2})
        raise OSError("in the middle")

    engine = with_kinds(note=Inside(write))
    put(engine, "note")
    assert engine.fire_due_timers() == 0
    assert [(each.payload, each.attempts) for each in jobs(engine)] == [({"n": 1}, 1)]


def test_one_without_an_instance_stops_and_is_done_after_a_retry(with_kinds, clock):
    does = [OSError("a"), OSError("b"), None]

    def post(job):
        if (what := does.pop(0)) is not None:
            raise what
        return {"text": "ok"}

    finished = []
    engine = with_kinds(
        letter=Outside(post, lambda _ctx, _job, answer: finished.append(answer), Retries(("PT1S",)))
    )
    number = put(engine, "letter")
    engine.work_off()
    clock.advance(seconds=1)
    engine.work_off()
    assert [(each.status, each.attempts) for each in jobs(engine)] == [("failed", 2)]
    engine.execute(RetryJob(number), ADMINISTRATOR)
    assert engine.work_off() == 1
    assert (finished, jobs(engine)) == ([{"text": "ok"}], [])


def test_a_conflict_counts_as_no_attempt(with_kinds, clock):
    does = [*4 * [Conflict("busy")], None]

    def run(ctx, job):
        if (what := does.pop(0)) is not None:
            raise what

    engine = with_kinds(note=Inside(run))
    put(engine, "note")
    assert engine.fire_due_timers() == 0
    [waiting] = jobs(engine)
    assert (waiting.attempts, waiting.error, waiting.try_at - clock.now) == (0, None, timedelta(seconds=1))
    clock.advance(seconds=1)
    assert engine.fire_due_timers() == 1


def test_a_conflict_while_the_answer_is_brought_back_does_not_do_the_work_again(with_kinds):
    worked, does = [], [Conflict("busy"), Conflict("busy"), None]

    def finish(ctx, job, answer):
        if (what := does.pop(0)) is not None:
            raise what

    engine = with_kinds(letter=Outside(lambda _job: worked.append(1) or {}, finish))
    put(engine, "letter")
    assert engine.work_off() == 1
    assert (worked, jobs(engine)) == ([1], [])


def test_what_cannot_be_written_down_is_a_failed_attempt(with_kinds):
    def finish(ctx, job, answer):
        raise ValueError("no")

    engine = with_kinds(letter=Outside(lambda _job: {}, finish))
    put(engine, "letter")
    engine.work_off()
    assert [(each.status, each.attempts) for each in jobs(engine)] == [("due", 1)]


# By hand


def test_a_job_that_waits_to_be_tried_again_can_be_done_now(engine, deploy, operations):
    operations["post"] = outside(Partner(OSError("away"), {}))
    running = start(engine, deploy, calling(), amount=1)
    engine.work_off()
    [waiting] = jobs(engine)
    assert engine.work_off() == 0
    engine.execute(RetryJob(waiting.id), ADMINISTRATOR)
    assert engine.work_off() == 1
    assert running.status == "completed"


def test_a_job_that_has_stopped_is_retried_with_its_incident(engine, deploy, operations, clock):
    operations["post"] = outside(Partner(OSError("away"), {}), retries=("PT1S",))
    running = start(engine, deploy, calling(), amount=1)
    engine.work_off()
    operations["post"] = outside(Partner(OSError("away")), retries=("PT1S",))
    clock.advance(seconds=1)
    engine.work_off()
    [stopped] = jobs(engine)
    assert running.open_incidents == ["call"]
    engine.execute(RetryJob(stopped.id), ADMINISTRATOR)
    assert running.open_incidents == []
    assert running.told("incident.resolved") == ["call"]
    assert [(each.status, each.attempts) for each in jobs(engine)] == [("due", 0)]


def test_nobody_hurries_a_deadline_along(engine, deploy):
    start(engine, deploy, bpmn(START + catch("t", timer("timeDuration", "PT1H")) + END + way("s", "t", "e")))
    [waiting] = jobs(engine)
    with pytest.raises(Conflict, match="not due"):
        engine.execute(RetryJob(waiting.id), ADMINISTRATOR)


def test_a_job_in_work_is_not_done_a_second_time(engine, deploy, partner):
    start(engine, deploy, calling(), amount=1)
    leased = engine.lease_job("somebody")
    with pytest.raises(Conflict, match="being done"):
        engine.execute(RetryJob(leased.id), ADMINISTRATOR)


def test_only_administrators_have_jobs_done_again(engine, deploy, partner):
    start(engine, deploy, calling(), amount=1)
    [waiting] = jobs(engine)
    with pytest.raises(Forbidden):
        engine.execute(RetryJob(waiting.id), actor("supervisor"))
    with pytest.raises(NotFound):
        engine.execute(RetryJob(99), ADMINISTRATOR)
