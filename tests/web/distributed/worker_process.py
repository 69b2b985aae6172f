"""``planflow worker --celery`` with an operation that tests count: ``… URL FOLDER BROKER``.

It looks more often, and hands over again sooner what nobody took.
"""

from __future__ import annotations

import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path

from engine.worker import worker_name
from tests.engine.jobs.worker_process import engine_of
from web.cli.together import Together
from web.distributed.broker import CeleryBroker
from web.distributed.dispatcher import Dispatcher
from web.distributed.worker import CeleryWorker


def main() -> None:
    engine = engine_of(sys.argv[1], Path(sys.argv[2]))
    broker = CeleryBroker(sys.argv[3], "planflow")
    name = worker_name()
    worker = CeleryWorker(engine, broker, name, 4, timedelta(seconds=60))
    dispatcher = Dispatcher(engine, broker, interval=0.1, again_after=timedelta(seconds=2))
    together = Together(engine, name, "celery", worker, dispatcher)
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    together.start()
    print("at work", flush=True)
    stopping.wait()
    together.stop()
    engine.close()


if __name__ == "__main__":
    main()
