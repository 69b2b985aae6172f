"""One line of the log for each command, each job that is done outside, and each request to another system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

import structlog
from structlog.contextvars import bound_contextvars

from engine.commands import Command, Result
from engine.directory import Actor
from engine.jobs import Job
from engine.measuring import DONE, FAILED, Departure, Meter, outcome

log = structlog.get_logger("planflow.engine")

IDS = {
    "instance_id": "instance",
    "task_id": "task",
    "incident_id": "incident",
    "job_id": "job",
    "message_id": "message",
    "process_key": "process",
}
"""What is said of a command: which thing it is about, but never what it holds. And what the log calls that."""


def about(command: Command) -> dict[str, str | int]:
    """Which things a command is about."""
    found = ((called, getattr(command, name, None)) for name, called in IDS.items())
    return {called: value for called, value in found if value is not None}


class CommandLog(Meter):
    """Writes down who did what, and how it ended."""

    @contextmanager
    def command(self, command: Command, actor: Actor) -> Iterator[Callable[[Result], None]]:
        """What is logged within the block has the command and the actor too."""
        told, begun = {"outcome": ""}, perf_counter()
        instance: dict[str, str] = {}

        def note(result: Result) -> None:
            if result.instance_id:
                instance["instance"] = result.instance_id

        with bound_contextvars(command=type(command).__name__, actor=actor.user):
            try:
                with outcome(told):
                    yield note
            finally:
                log.info(
                    "command", outcome=told["outcome"], milliseconds=since(begun), **about(command) | instance
                )

    @contextmanager
    def job(self, job: Job) -> Iterator[Callable[[bool], None]]:
        """What is logged within the block has the number of the job as well, which the engine sees to."""
        ended, begun = [FAILED], perf_counter()
        whose = {"instance": job.instance_id} if job.instance_id else {}
        try:
            yield lambda done: ended.append(DONE if done else FAILED)
        finally:
            log.info("job", kind=job.kind, outcome=ended[-1], milliseconds=since(begun), **whose)

    def lease_lost(self, kind: str) -> None:
        """The engine has written that down itself."""

    @contextmanager
    def outgoing(self, departure: Departure) -> Iterator[Callable[[int], None]]:
        """Host and port alone: a path may be a secret, as those of group robots are."""
        told, begun = {"outcome": ""}, perf_counter()
        status: dict[str, int] = {}
        try:
            with outcome(told):
                yield lambda answered: status.update(status=answered)
        finally:
            log.info(
                "outgoing",
                method=departure.method,
                host=departure.host,
                port=departure.port,
                outcome=told["outcome"],
                milliseconds=since(begun),
                **status,
            )


def since(begun: float) -> float:
    """Milliseconds since a moment of `perf_counter`."""
    return round((perf_counter() - begun) * 1000, 1)
