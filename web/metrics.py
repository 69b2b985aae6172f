"""Metrics for Prometheus: what this process has done, and what waits in the database when it is asked."""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from itertools import product
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy.exc import SQLAlchemyError

from engine import heartbeats
from engine.commands import Command, Result
from engine.directory import Actor
from engine.engine import utc_now
from engine.errors import PlanFlowError
from engine.figures import figures
from engine.jobs import Job
from engine.measuring import DONE, FAILED, Meter, outcome
from engine.storage.database import Database
from webhooks.outgoing.deliveries import count_by_status

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the histograms' buckets."""


class Metrics(Meter):
    """Counts, in a registry of its own."""

    def __init__(self, database: Database) -> None:
        self.registry = CollectorRegistry()
        self._commands = Counter(
            "planflow_commands",
            "Commands that this process was given. Outcomes: done, failed, or the code of the refusal.",
            ("command", "outcome"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "planflow_command_seconds",
            "Time of a command's transaction, refused and failed ones too.",
            ("command",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._jobs = Counter(
            "planflow_jobs_outside",
            "Jobs that this process did outside of a transaction, such as calls of other systems.",
            ("kind", "outcome"),
            registry=self.registry,
        )
        self._lost = Counter(
            "planflow_leases_lost",
            "Jobs whose result was dropped, because another worker had been given them.",
            ("kind",),
            registry=self.registry,
        )
        self.registry.register(Waiting(database))

    @contextmanager
    def command(
        self,
        command: Command,
        actor: Actor,  # noqa: ARG002  names of people are no labels
    ) -> Iterator[Callable[[Result], None]]:
        """Count a command and its time."""
        name, told, begun = type(command).__name__, {"outcome": ""}, perf_counter()
        try:
            with outcome(told):
                yield lambda _result: None
        finally:
            self._seconds.labels(name).observe(perf_counter() - begun)
            self._commands.labels(name, told["outcome"]).inc()

    @contextmanager
    def job(self, job: Job) -> Iterator[Callable[[bool], None]]:
        """Count a job that lies outside."""
        ended = [FAILED]
        try:
            yield lambda done: ended.append(DONE if done else FAILED)
        finally:
            self._jobs.labels(job.kind, ended[-1]).inc()

    def lease_lost(self, kind: str) -> None:
        """Count it."""
        self._lost.labels(kind).inc()


class Waiting:
    """What the database says when it is asked, the same whichever process is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def describe(self) -> Iterable[Metric]:
        """Nothing is asked of the database when this is registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment; without the database only that it does not answer."""
        connections = GaugeMetricFamily(
            "planflow_database_connections", "Connections of this process to the database.", labels=["state"]
        )
        for state, count in self._database.connections().items():
            connections.add_metric([state], count)
        yield connections
        up = GaugeMetricFamily("planflow_database_up", "Whether the database answers.")
        try:
            found = list(self._asked())
        except (SQLAlchemyError, PlanFlowError):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found

    def _asked(self) -> Iterator[Metric]:
        now = utc_now()
        with self._database.read() as session:
            found, deliveries = figures(session, now), count_by_status(session)
            known = heartbeats.workers(session)
        yield _labelled("planflow_jobs", "Jobs, by status.", found.jobs)
        yield GaugeMetricFamily("planflow_jobs_due", "Jobs that wait for a worker.", value=found.due)
        yield GaugeMetricFamily(
            "planflow_oldest_due_job_seconds",
            "For how long the job that has waited longest for a worker has been due.",
            value=found.oldest_due_seconds,
        )
        yield GaugeMetricFamily("planflow_incidents_open", "Incidents that are open.", value=found.incidents)
        yield _labelled("planflow_webhook_deliveries", "Deliveries of webhooks, by status.", deliveries)
        yield _workers(known, now)


def _workers(known: Iterable[heartbeats.Heartbeat], now: datetime) -> GaugeMetricFamily:
    """Also those kinds of which there is none, so that an alarm for 0 can be set."""
    counted = Counts((each.kind, "alive" if each.alive(now) else "gone") for each in known)
    family = GaugeMetricFamily(
        "planflow_workers", "Workers that were heard of within a day.", labels=["kind", "state"]
    )
    for kind, state in product(heartbeats.KINDS, ("alive", "gone")):
        family.add_metric([kind, state], counted[kind, state])
    return family


def _labelled(name: str, documentation: str, values: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=["status"])
    for status, count in values.items():
        family.add_metric([status], count)
    return family
