"""Durations and cycles by the calendar, where the company is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from engine import Engine, NotDeployable, StartInstance
from engine.execution import durations, timing
from engine.execution.faults import WrongValue
from engine.execution.moments import moment
from engine.storage.tables import job as rows
from tests.engine.conftest import SmallCompany, actor, names
from tests.engine.xml_text import boundary, bpmn, catch, node, timer, way

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def local(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def ticking(engine, deploy, cycle):
    tick = node("startEvent", "hs", timer("timeCycle", cycle), isInterrupting="false")
    deploy(
        bpmn(
            node("startEvent", "s")
            + node("userTask", "a")
            + way("s", "a")
            + node(
                "subProcess", "h", tick + node("task", "tell") + way("hs", "tell"), triggeredByEvent="true"
            )
        )
    )
    engine.execute(StartInstance("p"), actor("supervisor"))


def next_due(engine):
    with engine.database.read() as session:
        return session.execute(select(rows.c.due_at)).scalar_one()


@pytest.fixture
def in_shanghai(sqlite_database, sandbox, clock):
    def company(session):
        return SmallCompany()

    return Engine(sqlite_database, company, {}, clock=clock, sandbox=sandbox, timezone=SHANGHAI)


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        ("R/2026-04-01/P1M", ["2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"]),
        ("R/2026-03-31/P1M", ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31"]),
        ("R/2027-01-31/P1M", ["2027-01-31", "2027-02-28", "2027-03-31"]),
        ("R/2028-02-29/P1Y", ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
    ],
)
def test_a_monthly_timer_stays_on_its_local_day(in_shanghai, clock, cycle, expected):
    def deploy(content):
        in_shanghai.deploy({"p.bpmn": content}, actor("designer"), "test")

    ticking(in_shanghai, deploy, cycle)
    for day in expected:
        assert next_due(in_shanghai) == local(f"{day}T00:00", SHANGHAI)
        clock.now = next_due(in_shanghai)
        assert in_shanghai.fire_due_timers() == 1


def test_years_of_missed_seconds_are_passed_at_once(engine, deploy, clock):
    ticking(engine, deploy, "R/PT1S")
    clock.advance(days=3650)
    started = datetime.now(UTC)
    assert engine.fire_due_timers() == 1
    assert datetime.now(UTC) - started < timedelta(seconds=3)
    assert next_due(engine) == clock.now + timedelta(seconds=1)


def test_a_day_keeps_its_local_time_when_clocks_change():
    before = local("2027-03-27T09:00", BERLIN)
    assert timing.after(before, "P1D", BERLIN) == local("2027-03-28T09:00", BERLIN)
    assert timing.after(before, "PT24H", BERLIN) == before + timedelta(hours=24)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        ("P1M", "2027-02-28T10:00"),
        ("P1Y2M", "2028-03-31T10:00"),
        ("P2W", "2027-02-14T10:00"),
        ("P1DT1H30M", "2027-02-01T11:30"),
        ("PT1.5H", "2027-01-31T11:30"),
        ("PT90M", "2027-01-31T11:30"),
    ],
)
def test_durations_are_counted_by_the_calendar(duration, expected):
    start = local("2027-01-31T10:00", SHANGHAI)
    assert timing.after(start, duration, SHANGHAI) == local(expected, SHANGHAI)


@pytest.mark.parametrize(
    "text",
    [
        "P",
        "PT",
        "P1",
        "1D",
        "P0D",
        "PT0S",
        "-P1D",
        "P1H",
        "PT1D",
        "P1DT",
        "3 days",
        "p1d",
        "P" + "9" * 5000 + "D",
    ],
)
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(WrongValue):
        durations.parse(text)


@pytest.mark.parametrize("text", ["R/PT0.001S", "R3/PT0.999S", "R/2026-03-02/PT0.5S", "R/PT0.00001H"])
def test_a_cycle_of_less_than_a_second_is_refused_where_it_is_written_out(deploy, text):
    late = boundary("late", "a", timer("timeCycle", text), interrupting=False)
    with pytest.raises(NotDeployable) as refused:
        deploy(bpmn(node("startEvent", "s") + node("userTask", "a") + late + way("s", "a")))
    assert [(p.element, p.rule) for p in refused.value.problems] == [("late", "bundle.literal")]


def test_a_cycle_of_a_second_is_not(deploy):
    late = boundary("late", "a", timer("timeCycle", "R/PT1S"), interrupting=False)
    done = deploy(bpmn(node("startEvent", "s") + node("userTask", "a") + late + way("s", "a")))
    assert done.processes == (("p", 1),)


def test_a_cycle_that_turns_out_to_be_too_short_is_an_incident(trial):
    wait = catch("wait", timer("timeCycle", '="R/PT0." + str(n) + "S"'))
    result = trial(bpmn(node("startEvent", "s") + wait + way("s", "wait")), {"n": 5})
    assert [p["element"] for p in result.problems] == ["wait"]
    assert "less than a second apart" in result.problems[0]["reason"]


@pytest.mark.parametrize("text", ["P999999999Y", "P999999999M", "P999999999D", "PT999999999H", "P8000Y"])
def test_a_timer_past_the_end_of_time_is_an_incident_and_takes_no_time(trial, text):
    file = bpmn(
        node("startEvent", "s")
        + node("intermediateCatchEvent", "wait", timer("timeDuration", text))
        + way("s", "wait")
    )
    result = trial(file)
    assert [p["element"] for p in result.problems] == ["wait"]
    assert "wait" not in names(result)


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31T23:59:59-12:00", "2027-13-01", "tomorrow", ""])
def test_a_moment_that_is_none_is_refused(text):
    with pytest.raises(WrongValue):
        moment(text, SHANGHAI)


@given(
    every=st.sampled_from(["PT1S", "PT7M", "P1D", "P1W", "P1M", "P3M", "P1Y", "P1M1D", "P1DT1H"]),
    first=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    absent=st.timedeltas(timedelta(), timedelta(days=900)),
)
def test_the_next_round_is_the_first_one_after_now(every, first, absent):
    repeat = {"left": None, "every": every, "first": first.isoformat(), "round": 0}
    now = first + absent
    due_at, following = timing.next_of_cycle(now, repeat, BERLIN)
    before = durations.parse(every).after(first, BERLIN, following["round"] - 1)
    assert before <= now < due_at
