"""Where commands and jobs are measured. The engine knows who is told, not what comes of it.

An engine that nobody measures asks one attribute for each command, and does nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

from engine.errors import PlanFlowError

if TYPE_CHECKING:
    from engine.commands import Command
    from engine.directory import Actor
    from engine.jobs import Job

DONE, FAILED = "done", "failed"
"""Outcomes: it is done; it failed for a reason that has no message for people. Any other is the error's code."""


class Meter(Protocol):
    """Who is told of commands and jobs. What the blocks raise goes on; a meter raises nothing of its own."""

    def command(self, command: Command, actor: Actor) -> AbstractContextManager[None]:
        """Around a command: its transaction, but not what it sets off in others."""

    def job(self, job: Job) -> AbstractContextManager[Callable[[bool], None]]:
        """Around a job that is done outside of any transaction, and the writing down of what came of it.

        What it gives is called with whether the job was done, and in time.
        """

    def lease_lost(self, kind: str) -> None:
        """What came of a job of this kind was dropped: the job had been given to another worker."""


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
