"""When a delivery is tried, and when an endpoint is given up."""

from __future__ import annotations

import random
from datetime import timedelta

WAITS = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before the first, second, … try of a delivery. After the last it is given up."""
JITTER = 0.2
"""At most so much of a wait is added, by chance, so that not all of them come back at once."""
GIVE_UP_ENDPOINT = timedelta(days=5)
"""An endpoint that has failed for so long without one success is switched off."""
FAILURES_BEFORE_PAUSE = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


def wait_before(number: int, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait before try ``number`` (from 1), or longer if that was ``asked`` for; None: no such try."""
    if number > len(WAITS):
        return None
    wait = WAITS[number - 1]
    jitter = wait * random.uniform(0, JITTER)  # noqa: S311  nothing secret hangs on it
    return max(wait + jitter, asked or timedelta(0))


def pause_after(failures: int) -> timedelta | None:
    """For how long an endpoint is left alone after so many failures in a row; None: it is not yet."""
    if failures < FAILURES_BEFORE_PAUSE:
        return None
    doubled: timedelta = FIRST_PAUSE * 2 ** min(failures - FAILURES_BEFORE_PAUSE, 10)
    return min(doubled, LONGEST_PAUSE)
