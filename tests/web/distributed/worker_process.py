"""``planflow worker --celery`` with an operation that tests count.

It looks more often, hands over again sooner what nobody took, and has only half a second of patience when it stops.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from engine import heartbeats
from engine.worker import worker_name
from tests.engine.jobs.worker_process import engine_of
from web import logs
from web.cli.at_work import AtWork
from web.distributed.broker import CeleryBroker
from web.distributed.dispatcher import Dispatcher
from web.distributed.worker import CeleryWorker

PATIENCE = 0.5
AGAIN_AFTER = timedelta(seconds=2)


def main(arguments: Sequence[str]) -> None:
    """``URL FOLDER BROKER``: the database, where calls are noted, and the broker's address."""
    url, folder, address = arguments
    logs.configure()
    engine = engine_of(url, Path(folder))
    broker, name = CeleryBroker(address, "planflow"), worker_name()
    worker = CeleryWorker(engine, broker, name, 4, timedelta(seconds=60), PATIENCE)
    dispatcher = Dispatcher(engine, broker, interval=0.1, again_after=AGAIN_AFTER)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    with AtWork(engine, name, heartbeats.CELERY, worker, dispatcher).running():
        print("at work", flush=True)
        stopping.wait()
    engine.close()
