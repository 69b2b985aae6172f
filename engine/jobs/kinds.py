"""What a kind of job is: how it is done, and what becomes of it when it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.jobs.job import Job
from engine.jobs.retries import USUAL, Retries

if TYPE_CHECKING:
    from engine.context import CommandContext


@dataclass(frozen=True)
class Inside:
    """Done in one transaction, like a command; whatever it changes stands or falls with it.

    ``run`` returns when (UTC) it is to be done again, or None when it is done; a job that repeats goes on by itself.
    What it raises is a failed attempt, and nothing of what it has written remains. Of a ``standing`` kind there is
    always one job, without a beginning or an end: it tidies, or looks what has become due.
    """

    run: Callable[[CommandContext, Job], datetime | None]
    retries: Retries = USUAL
    standing: bool = False


@dataclass(frozen=True)
class Outside:
    """Done outside of any transaction, by a worker that has leased it, at least once.

    ``work`` does it and returns what came of it (JSON); whatever it raises is a failed attempt, and
    `PermanentFailure` one that is not worth repeating. ``finish`` writes that down in a transaction of its own; it
    is called only while nobody else has been given the job, and locked: its row is gone afterwards.
    """

    work: Callable[[Job], Mapping[str, Any]]
    finish: Callable[[CommandContext, Job, Mapping[str, Any]], None]
    retries: Retries = USUAL


Kind = Inside | Outside
Kinds = Mapping[str, Kind]
"""By the name that stands in the row."""
