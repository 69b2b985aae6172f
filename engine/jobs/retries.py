"""When a job that has failed is tried again: a list of ISO 8601 durations, such as ``PT10S,PT1M,PT10M``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from engine.execution import durations
from engine.execution.faults import WrongValue

MOST = 50
"""Tries that a list may ask for."""


@dataclass(frozen=True)
class Retries:
    """The waits after the first, second, … failure. Then the job stops, or, where ``endless``, the last is repeated."""

    waits: tuple[str, ...]
    endless: bool = False

    def next_try(self, failures: int, now: datetime, timezone: tzinfo) -> datetime | None:
        """When to try again after so many failures in a row; None when that was the last."""
        if failures > len(self.waits) and not self.endless:
            return None
        return durations.parse(self.waits[min(failures, len(self.waits)) - 1]).after(now, timezone)


USUAL = Retries(("PT10S", "PT1M", "PT10M"))
"""For whatever says nothing else."""
FOR_EVER = Retries(
    ("PT10S", "PT20S", "PT40S", "PT80S", "PT160S", "PT320S", "PT640S", "PT1280S", "PT2560S", "PT1H"), True
)
"""For what is owed, and has no instance that could tell of it: longer each time, up to an hour."""


def read_retries(text: str) -> tuple[str, ...]:
    """The durations of a list with commas. Raises WrongValue for anything else."""
    waits = tuple(part.strip() for part in text.split(","))
    if len(waits) > MOST:
        raise WrongValue("A list of retries", text)
    for wait in waits:
        durations.parse(wait)
    return waits


def chosen(own: Sequence[str] | None, kind: Retries) -> Retries:
    """What holds for a job: its own list, or else that of its kind."""
    return kind if own is None else Retries(tuple(own))
