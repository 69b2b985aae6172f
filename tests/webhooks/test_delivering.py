"""Events reach their endpoint at least once, signed, in order for one instance, and are tried again by schedule."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from standardwebhooks.webhooks import WebhookVerificationError

from engine import Invalid, StartInstance
from engine.jobs import leasing
from tests.engine.conftest import actor
from tests.webhooks.conftest import ADMINISTRATOR, PUBLIC, SUPERVISOR, furnish
from tests.webhooks.receiver import listening
from webhooks.outgoing import Chosen
from webhooks.outgoing.schedule import WAITS, pause_after
from webhooks.outgoing.tables import attempt, delivery, event


def test_an_event_arrives_as_a_cloud_event_whose_signature_holds(house, receiver):
    made, secret = house.endpoint(receiver.url)
    started = house.start(business_key="A-1")
    house.work()
    first = receiver.got[0]
    told = first.verified(secret)
    assert first.headers["content-type"].startswith("application/cloudevents+json")
    assert (told["specversion"], told["type"], told["id"]) == (
        "1.0",
        "org.planflow.instance.started",
        first.id,
    )
    assert (told["source"], told["subject"]) == (PUBLIC, f"instances/{started.instance_id}")
    assert told["data"]["instance"]["business_key"] == "A-1"
    assert told["data"]["instance"]["url"] == f"{PUBLIC}/instances/{started.instance_id}"
    with pytest.raises(WebhookVerificationError):
        first.verified("whsec_" + "A" * 32)
    stands = house.webhooks.endpoint(ADMINISTRATOR, made.id)
    assert (stands.succeeded_at, stands.failures) == (house.clock.now, 0)


def test_events_of_an_instance_arrive_in_their_order(house, receiver):
    house.endpoint(receiver.url)
    started = house.start()
    house.complete(started.task_ids[0])
    [second] = [row for row in house.deliveries() if row.event_type.endswith("task.assigned")][:1]
    house.work()
    assert receiver.types == [
        "instance.started",
        "task.created",
        "task.completed",
        "task.created",
        "task.assigned",
    ]
    assert {row.status for row in house.deliveries()} == {"delivered"}
    assert second.subject.startswith("tasks/")


def test_a_later_event_waits_for_the_earlier_one_of_its_instance_and_for_no_other(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started", "org.planflow.task.completed"])
    receiver.answer(500).then(204)
    first = house.start()
    house.work()
    house.complete(first.task_ids[0])
    second = house.start()
    house.work()
    assert [one.json["data"]["instance"]["id"] for one in receiver.got] == [
        first.instance_id,
        second.instance_id,
    ]
    house.work_for(minutes=1)
    assert receiver.types == ["instance.started", "instance.started", "instance.started", "task.completed"]
    assert receiver.got[2].id == receiver.got[0].id


def test_what_fails_is_tried_ten_times_by_the_schedule_with_the_same_id_and_then_given_up(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started", "org.planflow.task.created"])
    receiver.answer(503)
    house.start()
    house.work_for(days=4)
    [first, second] = house.deliveries()
    assert (first.status, first.attempts, first.error) == ("failed", len(WAITS), "HTTP 503")
    ids = [one.id for one in receiver.got]
    assert ids[: len(WAITS)] == [first.event_id] * len(WAITS)
    assert len({one.body for one in receiver.got[: len(WAITS)]}) == 1
    tried = sorted(house.webhooks.delivery(ADMINISTRATOR, first.id).tries, key=lambda one: one.number)
    gaps = [after.time - before.time for before, after in itertools.pairwise(tried)]
    for gap, wait in zip(gaps, WAITS[1:], strict=True):
        assert wait <= gap <= wait * 1.2 + timedelta(minutes=6)  # jitter, and the pause of a failing endpoint
    assert ids[len(WAITS)] == second.event_id  # the next one had to wait only until this one was given up


def test_a_redirect_is_no_success_and_is_not_followed(house, receiver):
    with listening() as other:
        house.endpoint(receiver.url, events=["org.planflow.instance.started"])
        receiver.answer(302, location=other.url)
        house.start()
        house.work()
        assert other.got == []
    assert house.deliveries()[0].error == "HTTP 302"


def test_who_answers_too_slowly_has_failed(house, receiver, monkeypatch):
    monkeypatch.setattr("webhooks.outgoing.sending.TIMEOUT", 0.2)
    house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    receiver.answer(204, seconds=1.0)
    house.start()
    house.work()
    [one] = house.deliveries()
    assert (one.status, one.attempts) == ("pending", 1)
    assert "did not answer in time" in one.error


def test_who_asks_to_be_left_alone_is_left_alone(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    receiver.answer(429, retry_after="600").then(204)
    house.start()
    house.work_for(minutes=9)
    assert len(receiver.got) == 1
    house.work_for(minutes=2)
    assert [row.status for row in house.deliveries()] == ["delivered"]


def test_who_asks_to_be_left_alone_is_sent_nothing_else_either(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    receiver.answer(429, retry_after="600").then(204)
    house.start()
    house.work()
    house.start()
    house.work_for(minutes=9)
    assert len(receiver.got) == 1
    house.work_for(minutes=3)
    assert len(receiver.got) == 3


def test_who_asks_for_a_year_is_asked_again_after_a_day(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    receiver.answer(503, retry_after="31536000").then(204)
    house.start()
    house.work_for(hours=25)
    assert len(receiver.got) == 2


def test_an_endpoint_that_is_gone_is_switched_off_and_administrators_are_told(house, receiver):
    made, _secret = house.endpoint(receiver.url)
    receiver.answer(410)
    house.start()
    house.work_for(days=1)
    stands = house.webhooks.endpoint(ADMINISTRATOR, made.id)
    assert (stands.enabled, stands.disabled_why) == (False, "gone")
    assert house.warned == [("ERP", "gone")]
    assert len(receiver.got) == 1
    assert [row.status for row in house.deliveries()] == ["failed", "failed"]
    house.start()
    assert len(house.deliveries()) == 2  # nothing is written for one that is off


def test_an_endpoint_that_fails_for_five_days_is_switched_off_and_on_again_by_hand(house, receiver):
    made, _secret = house.endpoint(receiver.url)
    receiver.answer(500)
    for _day in range(6):
        house.start()
        house.work_for(days=1)
    stands = house.webhooks.endpoint(ADMINISTRATOR, made.id)
    assert (stands.enabled, stands.disabled_why) == (False, "failing")
    assert house.warned == [("ERP", "failing")]
    receiver.answer(204)
    house.webhooks.switch(ADMINISTRATOR, made.id, on=True)
    house.start()
    house.work()
    assert receiver.got[-1].json["type"].startswith("org.planflow.")
    assert house.webhooks.endpoint(ADMINISTRATOR, made.id).failing_since is None


def test_one_success_in_between_and_an_endpoint_stays(house, receiver):
    made, _secret = house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    for day in range(8):
        receiver.answer(204 if day == 4 else 500)
        house.start()
        house.work_for(hours=23)
    assert house.webhooks.endpoint(ADMINISTRATOR, made.id).enabled


def test_an_endpoint_that_keeps_failing_is_left_alone_for_a_while(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    receiver.answer(500)
    for _each in range(5):
        house.start()
    house.work()
    assert len(receiver.got) == 5
    house.start()
    house.work()
    assert len(receiver.got) == 5  # it waits, and that is no attempt
    assert house.deliveries()[-1].attempts == 0
    assert (pause_after(4), pause_after(5), pause_after(50)) == (
        None,
        timedelta(seconds=5),
        timedelta(minutes=5),
    )
    receiver.answer(204)
    house.work_for(hours=1)
    assert {row.status for row in house.deliveries()} == {"delivered"}


# Twice, and at the same time


def test_a_crash_between_sending_and_writing_sends_the_same_id_again(house, receiver):
    _made, secret = house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    house.start()
    leased = house.engine.lease_job("dies", timedelta(seconds=60))
    kind = house.webhooks.jobs["webhook"]
    kind.work(leased)  # it arrives, and the worker dies before it writes that down
    assert house.work() == 0
    house.clock.advance(seconds=61)
    house.work()
    assert [one.id for one in receiver.got] == [receiver.got[0].id] * 2
    assert receiver.got[1].verified(secret)["id"] == receiver.got[0].id
    assert [(row.status, row.attempts) for row in house.deliveries()] == [("delivered", 1)]


def test_what_a_worker_brings_that_was_too_slow_is_dropped(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started", "org.planflow.task.created"])
    house.start()
    slow = house.engine.lease_job("slow", timedelta(seconds=60))
    house.clock.advance(seconds=61)
    house.work()
    assert not house.engine.work(slow)
    assert receiver.types == ["instance.started", "task.created"]
    assert [row.attempts for row in house.deliveries()] == [1, 1]


def test_two_workers_never_send_one_delivery_at_the_same_time_nor_out_of_order(
    house, receiver, sandbox, clock, operations
):
    house.endpoint(receiver.url)
    receiver.answer(204, seconds=0.01)
    other = furnish(house.database, sandbox, clock, operations)
    workers = (house, other)

    def live(number):
        mine = workers[number % 2]
        started = mine.start()
        mine.complete(started.task_ids[0])
        return started.instance_id

    def work(number):
        idle = 0
        while idle < 30:
            idle = 0 if workers[number % 2].engine.work_off(f"w{number}") else idle + 1

    with ThreadPoolExecutor(8) as pool:
        working = [pool.submit(work, number) for number in range(4)]
        ids = [each.result() for each in [pool.submit(live, number) for number in range(8)]]
        for each in working:
            each.result()
    house.work_for(minutes=2)
    assert {row.status for row in house.deliveries()} == {"delivered"}
    assert len({one.id for one in receiver.got}) == len(receiver.got) == 8 * 5
    for instance_id in ids:
        mine = [one for one in receiver.got if one.json["data"]["instance"]["id"] == instance_id]
        mine.sort(key=lambda one: one.begun)
        assert [one.json["data"]["sequence"] for one in mine] == sorted(
            one.json["data"]["sequence"] for one in mine
        )
        assert all(before.ended <= after.begun for before, after in itertools.pairwise(mine))


def test_endpoints_that_come_and_go_while_others_work_break_nothing(
    house, receiver, sandbox, clock, operations
):
    other = furnish(house.database, sandbox, clock, operations)
    keeps, _secret = house.endpoint(receiver.url, name="stays")
    stop = threading.Event()

    def come_and_go():
        for _round in range(15):
            made, _secret = other.endpoint(receiver.url, name="goes")
            other.webhooks.delete(ADMINISTRATOR, made.id)

    def live():
        for _round in range(15):
            started = house.start()
            house.complete(started.task_ids[0])

    def work(mine):
        while not stop.is_set():
            mine.engine.work_off(limit=20)

    with ThreadPoolExecutor(5) as pool:
        working = [pool.submit(work, mine) for mine in (house, other)]
        for each in [pool.submit(come_and_go), pool.submit(live), pool.submit(live)]:
            each.result()
        stop.set()
        for each in working:
            each.result()
    house.work_for(minutes=10)
    mine = [row for row in house.deliveries() if row.endpoint_id == keeps.id]
    assert len(mine) == 30 * 5
    assert {row.status for row in mine} == {"delivered"}


def test_an_event_stands_or_falls_with_its_command(house, receiver):
    house.endpoint(receiver.url)
    started = house.start()
    written = len(house.deliveries())
    with pytest.raises(Invalid):
        house.complete(started.task_ids[0], outcome="no such outcome")
    assert len(house.deliveries()) == written


# What is wanted


def test_an_endpoint_is_sent_what_it_wants(house, receiver):
    with listening() as other:
        house.endpoint(receiver.url, events=["org.planflow.task.completed"])
        house.endpoint(other.url, name="other", processes=["p"], events=["org.planflow.instance.started"])
        started = house.start()
        house.complete(started.task_ids[0])
        house.work()
        assert receiver.types == ["task.completed"]
        assert other.types == ["instance.started"]


def test_another_process_is_not_wanted(house, receiver):
    house.endpoint(receiver.url, processes=["p"])
    from tests.engine.xml_text import bpmn, way
    from tests.webhooks.conftest import END, START

    house.engine.deploy({"process.bpmn": bpmn(START + END + way("s", "e"), key="q")}, actor("designer"), "q")
    house.engine.execute(StartInstance("q"), SUPERVISOR)
    assert house.deliveries() == []


def test_a_command_costs_no_statement_while_no_endpoint_wants_it(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.incident.raised"])
    tasks = [house.start().task_ids[0] for _each in range(2)]
    house.complete(tasks[0])
    with house.database.counting() as wanting:
        house.complete(tasks[1])
    house.engine.services.observers[0].forget()
    bare = [house.start().task_ids[0] for _each in range(2)]
    with house.database.counting() as looking:
        house.complete(bare[1])
    assert looking.statements == wanting.statements
    assert (wanting.commits, looking.commits) == (1, 1)


def test_another_process_that_made_an_endpoint_is_noticed_soon(house, receiver, sandbox, clock, operations):
    other = furnish(house.database, sandbox, clock, operations)
    ticks = [0.0]
    outbox = house.engine.services.observers[0]
    outbox._ticking = lambda: ticks[0]
    house.start()
    other.endpoint(receiver.url)
    house.start()
    assert house.deliveries() == []
    ticks[0] = 2.1
    house.start()
    assert len(house.deliveries()) == 2


def test_an_endpoint_that_was_deleted_meanwhile_breaks_no_command(
    house, receiver, sandbox, clock, operations
):
    other = furnish(house.database, sandbox, clock, operations)
    made, _secret = house.endpoint(receiver.url)
    house.start()
    house.work()
    other.webhooks.delete(ADMINISTRATOR, made.id)
    assert house.start().status == "active"
    assert house.deliveries() == []
    house.work()


def test_what_waits_for_a_deleted_endpoint_is_not_sent(house, receiver):
    made, _secret = house.endpoint(receiver.url)
    house.start()
    house.webhooks.delete(ADMINISTRATOR, made.id)
    house.work()
    assert receiver.got == []


# By hand


def test_a_failed_delivery_is_sent_again_by_hand_with_the_same_id(house, receiver):
    made, _secret = house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    receiver.answer(410).then(204)
    house.start()
    house.work()
    [failed] = house.deliveries("failed")
    house.webhooks.redeliver(ADMINISTRATOR, failed.id)  # even though the endpoint is switched off
    house.work()
    assert [one.id for one in receiver.got] == [failed.event_id] * 2
    [again] = house.deliveries()
    assert (again.status, again.attempts) == ("delivered", 2)
    assert not house.webhooks.endpoint(ADMINISTRATOR, made.id).enabled


def test_all_that_failed_is_sent_again_in_order(house, receiver):
    made, _secret = house.endpoint(receiver.url)
    receiver.answer(410)
    started = house.start()
    house.complete(started.task_ids[0])
    house.work()
    assert len(house.deliveries("failed")) == 5
    receiver.answer(204)
    receiver.got.clear()
    house.webhooks.switch(ADMINISTRATOR, made.id, on=True)
    assert house.webhooks.redeliver_failed(ADMINISTRATOR, made.id) == 5
    house.work()
    assert [one.json["data"]["sequence"] for one in receiver.got] == sorted(
        one.json["data"]["sequence"] for one in receiver.got
    )
    assert len(receiver.got) == 5
    assert house.webhooks.redeliver_failed(ADMINISTRATOR, made.id) == 0


def test_a_test_event_is_tried_once_even_by_an_endpoint_that_is_switched_off(house, receiver):
    made, secret = house.endpoint(receiver.url)
    house.webhooks.switch(ADMINISTRATOR, made.id, on=False)
    number = house.webhooks.test(ADMINISTRATOR, made.id)
    house.work()
    assert receiver.got[0].verified(secret)["type"] == "org.planflow.test"
    receiver.answer(500)
    failing = house.webhooks.test(ADMINISTRATOR, made.id)
    house.work_for(days=1)
    found = {row.id: (row.status, row.attempts) for row in house.deliveries()}
    assert found == {number: ("delivered", 1), failing: ("failed", 1)}


def test_what_is_shown_of_an_attempt_has_no_signature_and_is_bounded(house, receiver):
    house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    receiver.answer(500, "x" * 100_000 + "\0", x_reason="busy")
    house.start()
    house.work()
    [one] = house.webhooks.delivery(ADMINISTRATOR, house.deliveries()[0].id).tries
    assert one.request_headers["webhook-signature"] == "v1,…"
    assert one.request_headers["webhook-id"] == receiver.got[0].id
    assert len(one.response_body) == 4_000
    assert one.response_headers["x-reason"] == "busy"
    assert one.seconds >= 0
    assert one.request_body.encode() == receiver.got[0].body


# Secrets


def test_while_a_secret_is_rotated_both_sign(house, receiver):
    made, old = house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    _endpoint, fresh = house.webhooks.rotate(ADMINISTRATOR, made.id, timedelta(hours=1))
    house.start()
    house.work()
    assert receiver.got[0].verified(old) == receiver.got[0].verified(fresh)


def test_after_the_chosen_time_the_old_secret_signs_no_more(house, receiver, clock):
    made, old = house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    _endpoint, fresh = house.webhooks.rotate(ADMINISTRATOR, made.id, timedelta(seconds=30))
    clock.advance(seconds=31)
    house.start()
    house.work()
    assert receiver.got[0].verified(fresh)
    with pytest.raises(WebhookVerificationError):
        receiver.got[0].verified(old)


def test_neither_secret_nor_address_lies_in_the_database_as_it_is(house, receiver):
    with house.database.read() as session:
        from webhooks.outgoing.tables import endpoint

        _made, secret = house.endpoint(f"{receiver.url}?token=hush-hush")
    with house.database.read() as session:
        row = session.execute(select(endpoint)).one()
    assert secret is not None
    assert secret not in str(row)
    assert "hush-hush" not in str(row)
    assert row.address == f"{receiver.url}?…"


def test_another_key_cannot_read_what_was_stored_and_says_so(house, receiver, sandbox, clock, operations):
    house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    other = furnish(house.database, sandbox, clock, operations, key="another")
    other.start()
    other.work()
    [one] = other.deliveries()
    assert one.attempts == 1
    assert "PLANFLOW_SECRET_KEY" in str(one.error)


# Where it may go


def test_an_address_that_is_not_public_is_refused_when_it_is_saved(house):
    with pytest.raises(Invalid) as refusal:
        house.endpoint("http://192.168.1.1/hook")
    assert [place.field for place in refusal.value.fields] == ["url"]


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("name", {"name": " "}),
        ("format", {"format": "carrier pigeon"}),
        ("events", {"events": ["org.planflow.nothing"]}),
        ("processes", {"processes": ["nothing"]}),
        ("language", {"language": "tlh"}),
        ("secret", {"secret": "my own"}),
        ("secret", {"format": "wecom", "secret": "my own"}),
        ("url", {"url": "ftp://example.com"}),
    ],
)
def test_what_an_endpoint_cannot_be_is_refused_by_field(house, receiver, field, chosen):
    with pytest.raises(Invalid) as refusal:
        house.endpoint(**{"url": receiver.url, **chosen})
    assert [place.field for place in refusal.value.fields] == [field]


# Forgetting


def test_old_deliveries_are_forgotten_and_what_waits_is_not(house, receiver):
    made, _secret = house.endpoint(receiver.url, events=["org.planflow.instance.started"])
    house.engine.ensure_standing_jobs()
    house.start()
    house.work()
    with listening() as away:
        house.webhooks.change(ADMINISTRATOR, made.id, Chosen("ERP", "standard", away.url))
        away.answer(500)
        house.start()
        house.work()
    waiting = house.deliveries("pending")
    with house.database.write() as session:
        long_ago = house.clock.now - timedelta(days=31)
        session.execute(update(delivery).where(delivery.c.status == "delivered").values(finished_at=long_ago))
        session.execute(update(event).values(time=long_ago))
    house.clock.advance(hours=2)
    house.engine.fire_due_timers()
    left = house.deliveries()
    assert {row.id for row in waiting} <= {row.id for row in left}
    assert "delivered" not in {row.status for row in left}
    with house.database.read() as session:
        assert session.scalar(select(func.count()).select_from(attempt)) >= 1
        assert session.scalar(select(func.count()).select_from(event)) == len(left)


def test_a_lease_is_longer_than_an_attempt_may_take(house, receiver):
    from webhooks.outgoing.delivering import _seconds

    house.endpoint(receiver.url)
    house.start()
    assert _seconds(house.engine.lease_job("short", timedelta(seconds=5))) < 5
    assert leasing is not None
