"""Bundles are kept byte for byte, numbered, bounded, and stored no second time."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import deployments
from engine.deployments import DecisionEntry, ProcessEntry, Stored
from engine.errors import Invalid, NotFound, TooLarge
from engine.storage.database import Database
from engine.storage.tables import blob, deployment
from tests.engine.rows import START

FILES = {
    "process.bpmn": "<?xml version='1.0' encoding='UTF-8'?>\r\n<計劃/>\n\n".encode() + b"\xff\x00",
    "check.dmn": b"<dmn/>",
    "forms/start.form": b"{}",
    "forms/same.form": b"{}",
}
PROCESS = ProcessEntry("annual_plan", "Annual plan", "process.bpmn", True, ("operations_supervisor",))
DECISION = DecisionEntry("goal_check", "Goal check", "check.dmn")


def store(
    session: Session, files: Mapping[str, bytes] = FILES, name: str = "annual_plan", *, minutes: int = 0
) -> Stored:
    now = START + timedelta(minutes=minutes)
    return deployments.store(session, name, files, [PROCESS], [DECISION], actor="process_designer", now=now)


def test_the_original_bytes_come_back_exactly(database: Database) -> None:
    with database.write() as session:
        stored = store(session)
        found = deployments.latest(session, "annual_plan")
    with database.read() as session:
        loaded = deployments.load(session, found.id)
        assert deployments.resource_bytes(session, stored.id, "process.bpmn") == FILES["process.bpmn"]
        assert deployments.resource_names(session, stored.id) == sorted(FILES)
    assert loaded.process == FILES["process.bpmn"]
    assert dict(loaded.resources) == FILES
    assert loaded.definition == found
    assert (found.version, found.name, found.starter_groups) == (1, "Annual plan", ("operations_supervisor",))
    assert found.executable


def test_equal_contents_are_stored_once(database: Database) -> None:
    with database.write() as session:
        store(session)
        store(session, {**FILES, "new.form": b"{}"}, minutes=1)
        assert session.scalar(select(func.count()).select_from(blob)) == 3


def test_unchanged_content_makes_no_new_version(database: Database) -> None:
    with database.write() as session:
        first = store(session)
    with database.write() as session:
        again = store(session, minutes=1)
        assert session.scalar(select(func.count()).select_from(deployment)) == 1
    assert not first.unchanged
    assert again == Stored(
        first.id, "annual_plan", (("annual_plan", 1),), (("goal_check", 1),), unchanged=True
    )


def test_unchanged_content_makes_no_new_version_under_another_name_either(database: Database) -> None:
    with database.write() as session:
        first = store(session)
        again = store(session, name="the same from elsewhere", minutes=1)
        assert (again.id, again.processes, again.unchanged) == (first.id, (("annual_plan", 1),), True)


def test_what_a_name_deployed_last_is_known_whatever_came_after_it(database: Database) -> None:
    changed = {**FILES, "more.form": b"1"}
    with database.write() as session:
        store(session, name="planflow/annual_plan")
        store(session, changed, name="annual_plan", minutes=1)
        assert deployments.was_last(session, "planflow/annual_plan", FILES)
        assert not deployments.was_last(session, "planflow/annual_plan", changed)
        assert not deployments.was_last(session, "planflow/monthly_plan", FILES)


def test_a_changed_form_makes_a_new_version_and_the_old_one_stays(database: Database) -> None:
    with database.write() as session:
        store(session)
        old = deployments.latest(session, "annual_plan")
        second = store(session, {**FILES, "forms/start.form": b'{"new": 1}'}, minutes=1)
        assert second.processes == (("annual_plan", 2),)
        assert second.decisions == (("goal_check", 2),)
        assert deployments.latest(session, "annual_plan").version == 2
        assert deployments.latest(session, "annual_plan", 1) == old
        assert deployments.load(session, old.id).resources["forms/start.form"] == b"{}"
        assert [found.version for found in deployments.latest_all(session)] == [2]


def test_going_back_to_an_earlier_content_is_a_new_version(database: Database) -> None:
    with database.write() as session:
        store(session)
        store(session, {**FILES, "more.form": b"1"}, minutes=1)
        assert store(session, minutes=2).processes == (("annual_plan", 3),)


def test_a_bundle_overtaken_under_another_name_is_not_unchanged(database: Database) -> None:
    with database.write() as session:
        store(session)
        store(session, {**FILES, "more.form": b"1"}, name="other", minutes=1)
        assert store(session, minutes=2).processes == (("annual_plan", 3),)


def test_two_who_deploy_at_once_get_two_versions(database: Database) -> None:
    def deploy(number: int) -> tuple[tuple[str, int], ...]:
        with database.write() as session:
            return store(session, {**FILES, "n.form": str(number).encode()}, minutes=number).processes

    with ThreadPoolExecutor(4) as threads:
        versions = [processes[0][1] for processes in threads.map(deploy, range(4))]
    assert sorted(versions) == [1, 2, 3, 4]


def test_a_decision_is_found_in_its_deployment(database: Database) -> None:
    with database.write() as session:
        stored = store(session)
        found = deployments.decision(session, stored.id, "goal_check")
        assert (found.version, found.resource_name) == (1, "check.dmn")
        with pytest.raises(NotFound, match="no_such"):
            deployments.decision(session, stored.id, "no_such")


def test_what_is_not_there_is_not_found(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(NotFound):
            deployments.load(session, 7)
        with pytest.raises(NotFound):
            deployments.latest(session, "no_such")
        with pytest.raises(NotFound):
            deployments.resource_bytes(session, "no", "such")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../up",
        "a/../b",
        "a//b",
        "./a",
        "a/.",
        "a\\b",
        "C:/a",
        "a\nb",
        "a\0b",
        "x" * 201,
        "a/",
        " ",
    ],
)
def test_a_name_that_is_no_relative_path_is_refused(database: Database, name: str) -> None:
    with pytest.raises(Invalid) as caught, database.write() as session:
        store(session, {**FILES, name: b""})
    assert [problem.field for problem in caught.value.fields] == [name]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(deployment)) == 0


def test_a_chinese_name_is_a_name(database: Database) -> None:
    with database.write() as session:
        stored = store(session, {**FILES, "forms/年度 計劃.form": b"{}"})
        assert deployments.resource_bytes(session, stored.id, "forms/年度 計劃.form") == b"{}"


def test_a_bundle_over_its_limits_is_too_large() -> None:
    with pytest.raises(TooLarge, match="200"):
        deployments.check_bundle({f"{number}.form": b"" for number in range(201)})
    with pytest.raises(TooLarge, match=r"big\.bpmn is larger than 5 MB"):
        deployments.check_bundle({"big.bpmn": bytes(5_000_001)})
    with pytest.raises(TooLarge, match="20 MB together"):
        deployments.check_bundle({f"{number}.form": bytes(4_500_000) for number in range(5)})
    with pytest.raises(Invalid, match="no file"):
        deployments.check_bundle({})
