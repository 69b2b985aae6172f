"""A worker as a process of its own: ``python -m tests.engine.jobs.worker_process URL FOLDER``.

Its operation ``post`` writes a line into ``FOLDER/calls`` each time it is called, and takes as long as
``FOLDER/seconds`` says. It stops like ``planflow worker``, on SIGTERM, but has only half a second of patience.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from engine import Database, Engine, OutsideCall, Worker, outside
from engine.sandbox import Sandbox
from tests.conftest import VERSION_LOCATIONS
from tests.engine.conftest import SmallCompany

LEASE = timedelta(seconds=2)


def posting(folder: Path) -> Any:
    def post(whose: OutsideCall, inputs: Mapping[str, Any]) -> dict[str, Any]:
        with (folder / "calls").open("a") as calls:
            calls.write(f"{whose.key} {whose.instance_id} {os.getpid()}\n")
        time.sleep(float((folder / "seconds").read_text()))
        return {"by": os.getpid(), "amount": inputs.get("amount")}

    return outside(post)


def company(_session: Session) -> SmallCompany:
    return SmallCompany()


def engine_of(url: str, folder: Path) -> Engine:
    """As the process has it, and the test beside it."""
    return Engine(
        Database(url, VERSION_LOCATIONS), company, {"post": posting(folder)}, sandbox=Sandbox(workers=1)
    )


def main() -> None:
    engine = engine_of(sys.argv[1], Path(sys.argv[2]))
    worker = Worker(engine, interval=0.05, at_once=2, lease=LEASE)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    worker.start()
    print("at work", flush=True)
    stopping.wait()
    worker.stop(patience=0.5)
    engine.close()


if __name__ == "__main__":
    main()
