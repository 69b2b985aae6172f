"""The server: waitress on a socket of our own, with the worker for jobs beside it; and the worker alone."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

from waitress.server import BaseWSGIServer, create_server

from engine.errors import PlanFlowError
from engine.worker import Worker
from web.app import create_app
from web.cli.unread import Channel
from web.cli.wiring import ready, wired
from web.container import Container
from web.settings import KIB, Settings

THREADS = 8
BACKLOG = 1024
CONNECTIONS = 800
"""Connections open at once. Those that wait or are slow take none of the threads, only a file each."""
SILENCE = 30
"""Seconds after which a connection that says nothing is closed, unless it waits for its answer."""
LARGEST_HEADERS = 64 * KIB


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
        server = create_server(
            create_app(settings, container),
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
        worker = _worker(container)
        if with_worker:
            worker.start()
        end_on_signals()
        plan.announce(address(host, listener.getsockname()[1]))
        try:
            server.run()
        finally:
            worker.stop()
            server.close()


def work_on(settings: Settings, announce: Callable[[str], None]) -> None:
    """Work without serving until SIGTERM or SIGINT; then finish what is being done, and give back what is not."""
    with ready(settings, lasting=True) as container:
        worker = _worker(container)
        worker.start()
        end_on_signals()
        announce(worker.name)
        try:
            threading.Event().wait()
        finally:
            worker.stop()


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
