"""A worker that sends webhooks, as a process of its own: ``python -m tests.webhooks.worker_process URL LEASE``.

``LEASE`` are seconds.
"""

from __future__ import annotations

import sys
import threading
from datetime import timedelta

from engine import Database, Worker
from engine.engine import utc_now
from engine.sandbox import Sandbox
from tests.conftest import VERSION_LOCATIONS
from tests.webhooks.conftest import furnish


def main() -> None:
    house = furnish(Database(sys.argv[1], VERSION_LOCATIONS), Sandbox(workers=1), utc_now, {})
    lease = timedelta(seconds=float(sys.argv[2]))
    Worker(house.engine, interval=0.05, at_once=2, lease=lease).start()
    print("at work", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
