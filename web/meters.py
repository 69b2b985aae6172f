"""Several meters as one, for the engine knows but one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

from engine.commands import Command, Result
from engine.directory import Actor
from engine.jobs import Job
from engine.measuring import Departure, Meter

T = TypeVar("T")


class Meters(Meter):
    """Each is told everything, the first outermost."""

    def __init__(self, *meters: Meter) -> None:
        self._meters = meters

    def command(self, command: Command, actor: Actor) -> AbstractContextManager[Callable[[Result], None]]:
        """Around a command."""
        return _all(meter.command(command, actor) for meter in self._meters)

    def job(self, job: Job) -> AbstractContextManager[Callable[[bool], None]]:
        """Around a job that is done outside."""
        return _all(meter.job(job) for meter in self._meters)

    def lease_lost(self, kind: str) -> None:
        """What came of a job was dropped."""
        for meter in self._meters:
            meter.lease_lost(kind)

    def outgoing(self, departure: Departure) -> AbstractContextManager[Callable[[int], None]]:
        """Around a request to another system."""
        return _all(meter.outgoing(departure) for meter in self._meters)


@contextmanager
def _all(blocks: Iterable[AbstractContextManager[Callable[[T], None]]]) -> Iterator[Callable[[T], None]]:
    with ExitStack() as entered:
        told = [entered.enter_context(block) for block in blocks]

        def tell(what: T) -> None:
            for each in told:
                each(what)

        yield tell
