"""Where commands, jobs and requests to other systems are measured. The engine knows who is told, not what comes of it.

An engine that nobody measures asks one attribute for each command, and does nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from engine.errors import PlanFlowError

if TYPE_CHECKING:
    from engine.commands import Command, Result
    from engine.directory import Actor
    from engine.jobs import Job

DONE, FAILED = "done", "failed"
"""Outcomes: it is done; it failed for a reason that has no message for people. Any other is the error's code."""


HTTP, SMTP = "http", "smtp"


@dataclass(frozen=True)
class Departure:
    """Something that leaves the machine: by which protocol (`HTTP`, `SMTP`), with which method, and where to."""

    protocol: str
    method: str
    host: str
    port: int


class Meter(Protocol):
    """Who is told. What the blocks raise goes on; a meter raises nothing of its own."""

    def command(self, command: Command, actor: Actor) -> AbstractContextManager[Callable[[Result], None]]:
        """Around a command: its transaction, but not what it sets off in others.

        What it gives is called with the result, if there is one; whether it counts is known when the block ends.
        """

    def job(self, job: Job) -> AbstractContextManager[Callable[[bool], None]]:
        """Around a job that is done outside of any transaction, and the writing down of what came of it.

        What it gives is called with whether the job was done, and in time.
        """

    def lease_lost(self, kind: str) -> None:
        """What came of a job of this kind was dropped: the job had been given to another worker."""

    def outgoing(
        self,
        departure: Departure,  # noqa: ARG002  for those who want to know
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Around a request to another system, or a letter that is handed to the mail server.

        What it gives is called with the status that was answered. A meter that need not know leaves this as it is.
        """
        return nullcontext(_ignored)


def _ignored(_status: int) -> None:
    """Nobody is told."""


@contextmanager
def outcome(told: dict[str, str]) -> Iterator[None]:
    """Write into ``told["outcome"]`` how the block ended."""
    told["outcome"] = FAILED
    try:
        yield
    except PlanFlowError as error:
        told["outcome"] = error.code
        raise
    told["outcome"] = DONE
