"""Timers, due dates and conditions that count working days, in running instances."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine import Database, Engine, StartInstance
from engine.sandbox import Sandbox
from engine.storage.tables import instance, work_item
from engine.storage.tables import job as timers
from engine.working_days import WorkingDays, read_country
from tests.engine.conftest import Clock, SmallCompany, actor
from tests.engine.xml_text import bpmn, flow, node, timer, way

SHANGHAI = ZoneInfo("Asia/Shanghai")
START, END = node("startEvent", "s"), node("endEvent", "e")


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 9, 30, 2, 15, tzinfo=UTC))  # the last working day before the holidays


@pytest.fixture
def engine(database: Database, clock: Clock) -> Iterator[Engine]:
    sandbox = Sandbox(workers=1, working_days=WorkingDays(read_country("CN"), timezone=SHANGHAI))
    yield Engine(
        database, lambda _session: SmallCompany(), {}, clock=clock, sandbox=sandbox, timezone=SHANGHAI
    )
    sandbox.close()


def waiting(text: str) -> bytes:
    waits = node("intermediateCatchEvent", "w", timer("timeDate", text))
    return bpmn(START + waits + END + way("s", "w", "e"))


def first(engine: Engine, column):
    with engine.database.read() as session:
        return session.scalar(select(column)).replace(tzinfo=UTC)


def test_a_timer_waits_for_working_days(engine, deploy, clock):
    deploy(waiting("=workdays(3)"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    due = datetime(2026, 10, 10, 2, 15, tzinfo=UTC)  # a Saturday that is worked for the holidays
    assert first(engine, timers.c.due_at) == due
    clock.now = due
    engine.fire_due_timers()
    with engine.database.read() as session:
        found = session.execute(select(instance.c.id, instance.c.status)).all()
    assert found == [(started.instance_id, "completed")]


def test_a_timer_waits_for_the_start_of_a_month(engine, deploy):
    deploy(waiting("=start_of_month(month)"))
    engine.execute(StartInstance("p", {"month": 1}), actor("supervisor"))
    assert first(engine, timers.c.due_at) == datetime(2026, 12, 31, 16, tzinfo=UTC)  # midnight in Shanghai


def test_a_task_is_due_after_working_days(engine, deploy):
    task = node("userTask", "t", planflow_assignee="member", planflow_dueDate="=workdays(2)")
    deploy(bpmn(START + task + END + way("s", "t", "e")))
    engine.execute(StartInstance("p"), actor("supervisor"))
    assert first(engine, work_item.c.due_at) == datetime(2026, 10, 9, 2, 15, tzinfo=UTC)


def test_a_condition_may_ask_for_a_working_day(engine, deploy):
    gateway = node("exclusiveGateway", "g", default="g_e")
    asked = flow("g", "t", 'is_workday(today) and next_workday(today) == "2026-10-08"')
    deploy(bpmn(START + gateway + node("userTask", "t") + END + way("s", "g", "e") + asked + way("t", "e")))
    assert engine.execute(StartInstance("p"), actor("supervisor")).status == "active"
