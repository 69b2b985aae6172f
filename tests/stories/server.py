"""``planflow serve`` with a clock that tests move: it reads the time from a file. Run as ``python -m``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from web.cli import main, server, wiring
from web.container import Container, build_container
from web.settings import Settings

CLOCK = "PLANFLOW_TEST_CLOCK"


def on_test_clock(settings: Settings) -> Container:
    """The services, on the time that the clock file holds."""
    container = build_container(settings)
    file = Path(os.environ[CLOCK])
    container.engine.clock = lambda: datetime.fromisoformat(file.read_text())
    return container


def serve_on_test_clock(arguments: Sequence[str]) -> None:
    """The command, in a process that does nothing else afterwards."""
    wiring.build_container = on_test_clock
    make_worker = server.Worker
    server.Worker = lambda engine, **how: make_worker(engine, interval=0.05, **how)  # type: ignore[assignment, misc]
    main(arguments, prog_name="planflow")
