"""``/metrics``: what is counted, and who may read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete, text, update

from engine import TerminateInstance, heartbeats
from engine.directory import SYSTEM, Actor
from engine.engine import Engine, utc_now
from engine.errors import NotFound
from engine.figures import figures
from engine.jobs import Outside, enqueue
from engine.storage.database import Database
from engine.storage.tables import job
from tests.web.conftest import NOW, Office, open_office
from web.container import build_container
from web.metrics import Metrics
from web.settings import Settings

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
TOKEN = "only-for-the-scraper"
Scrape = Callable[[], dict[str, float]]


def samples(said: str) -> dict[str, float]:
    """Each sample by how it is written, without its help."""
    found = {}
    for family in text_string_to_metric_families(said):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def scraped(office: Office) -> dict[str, float]:
    answer = office.get(None, "/metrics")
    assert answer.status_code == 200
    return samples(answer.get_data(as_text=True))


def test_commands_are_counted_by_kind_and_outcome(office: Office) -> None:
    office.start(amount=7)
    assert office.post("admin", "instances/nothing/terminate", {"reason": "no"}).status_code == 404
    found = scraped(office)
    assert found["planflow_commands_total{command=StartInstance,outcome=done}"] == 1
    assert found["planflow_commands_total{command=TerminateInstance,outcome=not_found}"] == 1
    assert found["planflow_command_seconds_count{command=StartInstance}"] == 1
    assert found["planflow_command_seconds_sum{command=StartInstance}"] > 0


def test_an_error_that_has_no_message_for_people_counts_as_failed(office: Office) -> None:
    with office.container.database.write() as session:
        session.execute(text("ALTER TABLE idempotency RENAME TO away"))
    with pytest.raises(Exception, match="idempotency"):
        office.container.engine.execute(TerminateInstance("x", "no"), SYSTEM, "key")
    assert scraped(office)["planflow_commands_total{command=TerminateInstance,outcome=failed}"] == 1


def test_what_waits_is_asked_of_the_database(office: Office) -> None:
    office.start("failing", divisor=0)
    with office.container.database.write() as session:
        session.execute(delete(job))
        enqueue(session, "letter", {}, utc_now() - timedelta(minutes=5))
        enqueue(session, "letter", {}, utc_now() + timedelta(days=1))
    found = scraped(office)
    assert found["planflow_jobs{status=due}"] == 2
    assert found["planflow_jobs_due"] == 1
    assert 300 <= found["planflow_oldest_due_job_seconds"] < 400
    assert found["planflow_incidents_open"] == 1
    assert found["planflow_webhook_deliveries{status=pending}"] == 0
    assert found["planflow_database_up"] == 1


def test_workers_are_counted_by_kind_also_those_that_are_gone(office: Office) -> None:
    now = utc_now()
    with office.container.database.write() as session:
        for number, ago in enumerate((0, 5, 600)):
            moment = now - timedelta(seconds=ago)
            heartbeats.beat(session, f"w{number}", heartbeats.WORKER, moment, moment)
    found = scraped(office)
    assert found["planflow_workers{kind=worker,state=alive}"] == 2
    assert found["planflow_workers{kind=worker,state=gone}"] == 1
    assert found["planflow_workers{kind=celery,state=alive}"] == 0


def test_figures_are_the_same_on_both_databases(database: Database) -> None:
    with database.write() as session:
        enqueue(session, "letter", {}, NOW - timedelta(seconds=90))
        enqueue(session, "letter", {}, NOW - timedelta(seconds=30))
    with database.read() as session:
        found = figures(session, NOW)
    assert (found.due, found.oldest_due_seconds, found.incidents) == (2, 90.0, 0)
    assert found.jobs == {"due": 2, "running": 0, "failed": 0}


def test_connections_are_counted(database: Database) -> None:
    with database.read():
        pass
    assert database.connections()["idle"] >= 1


def test_jobs_outside_and_leases_that_were_lost_are_counted(database: Database, office: Office) -> None:
    def stolen(leased: object) -> dict[str, object]:
        with database.write() as session:
            session.execute(update(job).where(job.c.kind == "stolen").values(lease=job.c.lease + 1))
        return {}

    kinds = {"stolen": Outside(stolen, lambda *_: None), "kept": Outside(lambda _: {}, lambda *_: None)}
    metrics = Metrics(database)
    engine = Engine(
        database,
        office.container.engine.directory,
        office.container.engine.services.operations,
        jobs=kinds,
        meter=metrics,
        sandbox=office.container.engine.services.sandbox,
    )
    with database.write() as session:
        for kind in kinds:
            enqueue(session, kind, {}, utc_now())
    engine.work_off()
    value = metrics.registry.get_sample_value
    assert value("planflow_leases_lost_total", {"kind": "stolen"}) == 1
    assert value("planflow_jobs_outside_total", {"kind": "stolen", "outcome": "failed"}) == 1
    assert value("planflow_jobs_outside_total", {"kind": "kept", "outcome": "done"}) == 1
    assert value("planflow_leases_lost_total", {"kind": "kept"}) is None


def test_the_engine_loads_nothing_that_measures() -> None:
    import subprocess
    import sys

    asked = "import engine.engine, sys; print([m for m in sys.modules if m.startswith(('prometheus', 'opentele'))])"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_an_engine_without_a_meter_raises_as_one_with_it(office: Office, database: Database) -> None:
    engine = office.container.engine
    bare = Engine(
        engine.database, engine.directory, engine.services.operations, sandbox=engine.services.sandbox
    )
    for either in (engine, bare):
        with pytest.raises(NotFound):
            either.execute(TerminateInstance("nothing", "no"), Actor("admin", frozenset({"administrator"})))


# Who may read them


@contextmanager
def with_settings(office: Office, **changed: object) -> Iterator[Office]:
    settings = replace(office.container.settings, **changed)
    with closing(build_container(settings)) as container:
        yield open_office(settings, container, office.tokens)


def status(office: Office, address: str, **headers: str) -> int:
    answer = office.get(None, "/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)
    if answer.status_code != 200:
        assert "planflow_" not in answer.get_data(as_text=True)
    return answer.status_code


def test_without_a_token_only_this_machine_reads_them(office: Office) -> None:
    assert status(office, "127.0.0.1") == 200
    assert status(office, "::1") == 200
    assert status(office, "192.0.2.7") == 403


def test_behind_a_proxy_that_is_not_known_nobody_is_on_this_machine(office: Office) -> None:
    with with_settings(office, public_url="http://localhost") as behind:
        assert status(behind, "127.0.0.1") == 403


def test_a_known_proxy_says_who_asks(office: Office) -> None:
    with with_settings(office, public_url="http://localhost", proxies=1) as behind:
        assert status(behind, "127.0.0.1", **{"X-Forwarded-For": "192.0.2.7"}) == 403
        assert status(behind, "127.0.0.1", **{"X-Forwarded-For": "127.0.0.1"}) == 200


def test_a_token_is_asked_of_everybody_once_it_is_set(office: Office) -> None:
    with with_settings(office, metrics_token=TOKEN) as guarded:
        assert status(guarded, "192.0.2.7", Authorization=f"Bearer {TOKEN}") == 200
        assert status(guarded, "127.0.0.1") == 401
        assert status(guarded, "127.0.0.1", Authorization=f"Bearer {TOKEN}x") == 401
        assert status(guarded, "127.0.0.1", Authorization="Bearer ünlesbar") == 401


def test_a_persons_token_does_not_open_them(office: Office) -> None:
    with with_settings(office, metrics_token=TOKEN) as guarded:
        assert guarded.get("admin", "/metrics").status_code == 401


def test_without_the_database_the_process_still_says_what_it_did(office: Office, settings: Settings) -> None:
    with with_settings(office, database_url="sqlite:////nowhere/at/all.db") as lost:
        assert scraped(lost) == {"planflow_database_connections{state=idle}": 0, "planflow_database_up": 0}


def test_the_reference_names_every_metric_and_its_labels(office: Office) -> None:
    told = dict(
        re.findall(r"^\| `(planflow_\w+)` \| \w+ \| (.*?) \|", REFERENCE.read_text("utf-8"), re.MULTILINE)
    )
    office.start(amount=7)
    there = {}
    for family in office.container.metrics.registry.collect():
        labels = {name for sample in family.samples for name in sample.labels} - {"le"}
        name = family.name + ("_total" if family.type == "counter" else "")
        there[name] = labels
    named = {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in told.items()}
    assert set(named) == set(there)
    assert all(named[name] == labels for name, labels in there.items() if labels)
