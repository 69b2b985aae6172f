"""The server: waitress on a socket of our own, with the worker for jobs beside it; and the worker alone."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass
from typing import Any, cast

from waitress.server import BaseWSGIServer, create_server

from engine import heartbeats
from engine.errors import PlanFlowError
from engine.worker import Worker, worker_name
from web.app import create_app
from web.cli.at_work import AtWork
from web.cli.unread import Channel
from web.cli.wiring import ready, wired
from web.container import Container
from web.distributed.broker import CeleryBroker
from web.distributed.dispatcher import Dispatcher
from web.settings import KIB, Settings

THREADS = 8
BACKLOG = 1024
CONNECTIONS = 800
"""Connections open at once. Those that wait or are slow take none of the threads, only a file each."""
SILENCE = 30
"""Seconds after which a connection that says nothing is closed, unless it waits for its answer."""
LARGEST_HEADERS = 64 * KIB


class NoBroker(PlanFlowError):
    """A worker that listens to a broker needs one."""

    code = "no_broker"


class WorkerEnded(PlanFlowError):
    """A worker that was not asked to has ended; whatever watches over it starts it again."""

    code = "worker_ended"


class CannotListen(PlanFlowError):
    """The address cannot be listened on."""

    code = "cannot_listen"


@dataclass(frozen=True)
class Plan:
    """What to do around serving: ``prepare`` before the first request, ``announce`` with the address after."""

    prepare: Callable[[Container], None]
    announce: Callable[[str], None]


def serve_on(host: str, port: int, settings: Settings, plan: Plan, with_worker: bool = True) -> None:
    """Serve until SIGTERM or SIGINT. The address is taken first, so that a taken one is told at once.

    Without ``with_worker`` it does no jobs, for an installation where ``planflow worker`` runs elsewhere.
    """
    with closing(_listen(host, port)) as listener, wired(settings, lasting=True) as container:
        plan.prepare(container)
        worker = _inside(container) if with_worker else None
        server = create_server(
            create_app(settings, container, worker.alive if worker else None),
            sockets=[listener],
            threads=THREADS,
            max_request_body_size=settings.max_upload + 64 * KIB,
            max_request_header_size=LARGEST_HEADERS,
            connection_limit=CONNECTIONS,
            channel_timeout=SILENCE,
            cleanup_interval=SILENCE // 6,
            asyncore_use_poll=True,
            clear_untrusted_proxy_headers=settings.proxies == 0,
            ident=None,
        )
        cast(BaseWSGIServer, server).channel_class = Channel  # one socket makes one server
        with closing(server), worker.running() if worker else nullcontext():
            end_on_signals()
            plan.announce(address(host, listener.getsockname()[1]))
            server.run()


def work_on(settings: Settings, announce: Callable[[str], None]) -> None:
    """Work without serving until SIGTERM or SIGINT; then finish what is being done, and give back what is not."""
    with ready(settings, lasting=True) as container:
        worker = _worker(container)
        _until_ended(AtWork(container.engine, worker.name, heartbeats.WORKER, worker), announce)


def work_for_broker(settings: Settings, announce: Callable[[str], None]) -> None:
    """Do the jobs whose numbers come through the broker, and hand over those that are due, until SIGTERM or SIGINT.

    Raises `NoBroker` where none is set, `NoCelery` where the libraries are missing.
    """
    if settings.broker_url is None:
        raise NoBroker("planflow worker --celery needs PLANFLOW_BROKER_URL.")
    broker = CeleryBroker(settings.broker_url, settings.broker_queue)
    with ready(settings, lasting=True) as container:
        from web.distributed.worker import CeleryWorker

        engine, name = container.engine, worker_name()
        worker = CeleryWorker(engine, broker, name, settings.jobs_at_once, settings.job_lease)
        parts = worker, Dispatcher(engine, broker)
        _until_ended(AtWork(engine, name, heartbeats.CELERY, *parts), announce)


def _until_ended(worker: AtWork, announce: Callable[[str], None]) -> None:
    end_on_signals()
    with worker.running():
        announce(worker.name)
        worker.wait()
    raise WorkerEnded("The worker has ended by itself; the log says why.")


def _inside(container: Container) -> AtWork:
    """What a server does besides serving: jobs themselves, or handing them over where there is a broker."""
    settings, engine = container.settings, container.engine
    if settings.broker_url is None:
        worker = _worker(container)
        return AtWork(engine, worker.name, heartbeats.SERVER, worker)
    broker = CeleryBroker(settings.broker_url, settings.broker_queue)
    return AtWork(engine, worker_name(), heartbeats.DISPATCHER, Dispatcher(engine, broker))


def _worker(container: Container) -> Worker:
    settings = container.settings
    return Worker(container.engine, at_once=settings.jobs_at_once, lease=settings.job_lease)


def address(host: str, port: int) -> str:
    """What to type into a browser."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
            0
        ]
        return socket.create_server(place[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise CannotListen(
            "%(address)s cannot be listened on: %(reason)s",
            address=address(host, port),
            reason=error.strerror or str(error),
        ) from None


def end_on_signals() -> None:
    """Let SIGTERM and SIGINT end this process with 0, cleanly."""

    def _end(_number: int, _frame: Any) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
