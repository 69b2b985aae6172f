"""``planflow`` as it is, except that it may kill itself at a point, and that its worker looks more often."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from benchmarks.killing.points import Trap, lay
from engine.worker import Worker
from web.cli import main, server

POINT, TIMES = "PLANFLOW_KILLED_AT", "PLANFLOW_KILLED_TIMES"


def mortal(arguments: Sequence[str]) -> None:
    """The command, in a process that does nothing else afterwards."""
    if point := os.environ.get(POINT):
        lay(Trap(point, int(os.environ[TIMES])))
    vars(server)["Worker"] = partial(Worker, interval=0.05)
    main(arguments, prog_name="planflow")
