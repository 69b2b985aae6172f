"""What fills an installation is sound, and the work on it is reported. Time is not judged.

``python -m benchmarks.load`` takes a hundred thousand instances; here are some hundred.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from benchmarks import fill, load
from benchmarks.filling import filling
from benchmarks.filling.filling import Filled
from benchmarks.loading.setups import SETUPS
from benchmarks.loading.timing import stayed_under
from engine import SYSTEM, Database, Engine, Invalid, history
from engine.commands import CompleteTask, TerminateInstance
from engine.sandbox import Sandbox
from engine.storage.tables import history as events
from engine.storage.tables import incident, instance, job, work_item
from plans.organisation import people
from plans.organisation.directory import OrganisationDirectory

INSTANCES, EVENTS = 300, 9000


@pytest.fixture
def engine(database: Database, sandbox: Sandbox) -> Engine:
    made = Engine(database, OrganisationDirectory, {}, sandbox=sandbox)
    filling.prepare(database, made)
    return made


@pytest.fixture(scope="module")
def sandbox():
    shared = Sandbox()
    yield shared
    shared.close()


def test_what_was_filled_in_has_as_many_instances_and_events_as_asked_for_and_every_chain_holds(
    database: Database, engine: Engine
) -> None:
    told: list[tuple[int, int]] = []
    there = filling.fill(database, INSTANCES, EVENTS, 1, lambda *now: told.append(now))
    with database.read() as session:
        assert list(history.verify(session)) == []
        assert session.scalar(select(func.count()).select_from(instance)) == INSTANCES == there.instances
        assert session.scalar(select(func.count()).select_from(events)) == there.events
        lasted = session.execute(
            select(func.min(instance.c.started_at), func.max(instance.c.started_at))
        ).one()
        assert (lasted[1] - lasted[0]).days > 1000
        ahead = (
            select(func.count())
            .select_from(job)
            .where(job.c.instance_id.is_not(None), job.c.due_at < func.now())
        )
        assert session.scalar(ahead) == 0  # nothing that a worker would have done long ago
    assert abs(there.events - EVENTS) < EVENTS * 0.05
    assert told[-1] == (there.instances, there.events)


def test_instances_that_were_filled_in_go_on_as_if_they_had_lived(database: Database, engine: Engine) -> None:
    filling.fill(database, INSTANCES, EVENTS, 1)
    waiting = select(work_item.c.id, work_item.c.element, work_item.c.assignee, work_item.c.offered).where(
        work_item.c.status.in_(("open", "claimed"))
    )
    with database.read() as session:
        found = session.execute(waiting).all()
    assert {row.element for row in found} == {"write", "check", "approve"}
    for row in found:
        who = row.assignee or row.offered.replace("group:department_head", "user:head_00").removeprefix(
            "user:"
        )
        outcome = {"check": "pass", "approve": "approve"}.get(row.element)
        with database.read() as session:
            actor = people.actor(session, who)
            if row.element != "write":  # it is in the inbox of whoever may do it
                assert row.id in {
                    task.id for task in engine.queries(session, actor).tasks(mine=True, limit=200).items
                }
        assert engine.execute(CompleteTask(row.id, {}, outcome), actor).revision > 1
    with database.read() as session:
        assert list(history.verify(session)) == []
        stopped = list(
            session.scalars(select(incident.c.instance_id).where(incident.c.resolved_at.is_(None)))
        )
    for each in stopped:
        engine.execute(TerminateInstance(each, "the end"), SYSTEM)


def test_a_filling_that_was_stopped_is_gone_on_with(sqlite_database: Database, sandbox: Sandbox) -> None:
    made = Engine(sqlite_database, OrganisationDirectory, {}, sandbox=sandbox)
    filling.prepare(sqlite_database, made)

    def stop(instances: int, _events: int) -> None:
        if instances >= filling.BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filling.fill(sqlite_database, INSTANCES, EVENTS, 1, stop)
    begun = filling.filled(sqlite_database)
    assert 0 < begun.instances < INSTANCES
    assert filling.fill(sqlite_database, INSTANCES, EVENTS, 1).instances == INSTANCES
    with sqlite_database.read() as session:
        keys = Counter(session.scalars(select(instance.c.business_key)))
        assert (len(keys), set(keys.values())) == (INSTANCES, {1})
        assert list(history.verify(session)) == []


def test_more_events_than_instances_can_have_are_refused(sqlite_database: Database, sandbox: Sandbox) -> None:
    made = Engine(sqlite_database, OrganisationDirectory, {}, sandbox=sandbox)
    filling.prepare(sqlite_database, made)
    with pytest.raises(Invalid, match="ask for as many events"):
        filling.fill(sqlite_database, 10, 10_000, 1)
    assert filling.filled(sqlite_database) == Filled(0, 0)


def test_the_command_fills_a_database_and_says_how_much_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/full.db"
    arguments = ["--database", url, "--instances", "50", "--events", "1500"]
    ran = CliRunner().invoke(fill.main, arguments)
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["instances"] == 50


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_mixed_work_is_reported_by_operation_for_the_empty_and_the_full_installation(kind: str) -> None:
    setups = [setup for setup in SETUPS if setup.database == kind][
        -1:
    ]  # of PostgreSQL the one with more processes
    report = load.measure(load.Asked(200, 6000, clients=2, turns=1, turn=0.1, primed=2), setups)
    assert [each["setup"] for each in report["setups"]] == [setup.name for setup in setups]
    assert report[f"filled_{kind}"]["instances"] == 200
    for each in report["setups"]:
        operations = {"start", "inbox", "open task", "complete", "history", "instances"}
        assert set(each["empty"]) == set(each["full"]) == set(each["growth"]) == operations
        for figures in each["full"].values():
            assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"]
        assert each["full"]["complete"]["samples"] >= 6
        assert min(each["throughput"].values()) > 0
    assert len(load.tables(report)) == len(setups)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_share_of_the_samples_stays_under_its_figure(share: float, expected: int) -> None:
    assert stayed_under([float(each) for each in range(100, 0, -1)], share) == expected
