"""The way to the broker: one queue of numbers of jobs, told through Celery."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from engine.errors import PlanFlowError

if TYPE_CHECKING:
    from celery import Celery

TASK = "planflow.job"
"""The name of the one task; its one argument is the number of a job."""
CONNECT_SECONDS = 4
ANSWER_SECONDS = 30


class NoCelery(PlanFlowError):
    """The libraries for work on many machines are not installed."""

    code = "no_celery"


class Line(Protocol):
    """An open connection to the broker."""

    def waiting(self) -> int:
        """How many numbers wait in the queue."""

    def send(self, job_id: int) -> None:
        """Put a number into the queue."""


class Broker(Protocol):
    """Where numbers of jobs are handed over. Whatever it raises means that it is away."""

    @contextmanager
    def connected(self) -> Iterator[Line]:
        """A connection."""

    def reason(self, error: Exception) -> str:
        """Why it is away, in one line for a log."""


class CeleryBroker:
    """A RabbitMQ (``amqp://``) or Redis (``redis://``) by its address, which may hold a password.

    Raises `NoCelery` where the libraries are missing.
    """

    def __init__(self, url: str, queue: str) -> None:
        self.queue = queue
        self.app = celery_app(url, queue)
        self._secret = urlsplit(url).password or ""

    @contextmanager
    def connected(self) -> Iterator[Line]:
        """A connection of its own, so that one that broke is not met again."""
        with self.app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)
            with connection.channel() as channel:
                yield _Line(self.app, channel, self.queue)

    def reason(self, error: Exception) -> str:
        """Why it is away, without the password."""
        told = " ".join(str(error).split()) or type(error).__name__
        for secret in filter(None, {self._secret, unquote(self._secret)}):
            told = told.replace(secret, "…")
        return told


def why_away(url: str, queue: str) -> str | None:
    """Why this broker cannot be used at this moment, in one line without its password; None when it answers.

    Raises `NoCelery` where the libraries are missing.
    """
    broker = CeleryBroker(url, queue)
    try:
        with broker.connected() as line:
            line.waiting()
    except Exception as error:  # each library has its own
        return broker.reason(error)
    return None


class _Line:
    def __init__(self, app: Celery, channel: Any, queue: str) -> None:
        self._app, self._queue = app, queue
        self._bound = app.amqp.queues[queue](channel)
        self._producer = app.amqp.Producer(channel, auto_declare=False)
        self._bound.declare()

    def waiting(self) -> int:
        return int(self._bound.queue_declare().message_count)

    def send(self, job_id: int) -> None:
        self._app.send_task(TASK, args=[job_id], producer=self._producer, queue=self._queue, retry=False)


def celery_app(url: str, queue: str) -> Celery:
    """Celery as PlanFlow uses it: JSON alone, no results, a number is taken off the queue when its job is done.

    Raises `NoCelery` where it is not installed.
    """
    try:
        from celery import Celery

        if url.startswith("redis"):
            import redis  # noqa: F401  the transport needs it
    except ImportError as error:
        raise NoCelery(
            "PLANFLOW_BROKER_URL needs more software. Run: pip install 'planflow[distributed]'"
        ) from error
    app = Celery("planflow", broker=url, set_as_current=False, backend=None)
    app.conf.update(
        task_queues={queue: {"exchange": queue, "routing_key": queue}},
        task_default_queue=queue,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_publish_retry=False,
        task_create_missing_queues=False,
        worker_prefetch_multiplier=1,
        # After a lost connection Celery would ask for fewer at once and then for more, each time from the thread that
        # has done one, beside the loop that reads from the same connection; RabbitMQ's answers get lost between them.
        worker_enable_prefetch_count_reduction=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_send_task_events=False,
        broker_connection_timeout=CONNECT_SECONDS,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=_transport(url),
        broker_use_ssl=_tls(url),
    )
    return app


def _tls(url: str) -> dict[str, Any] | None:
    """The broker has to prove that it is who the address names; left alone, not every transport looks at the name."""
    parts = urlsplit(url)
    if parts.scheme == "amqps":
        return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname}
    if parts.scheme == "rediss":
        return {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    return None


def _transport(url: str) -> dict[str, Any]:
    if url.startswith("redis"):
        return {
            "socket_connect_timeout": CONNECT_SECONDS,
            "socket_timeout": ANSWER_SECONDS,
            "socket_keepalive": True,
        }
    return {"confirm_publish": True, "read_timeout": ANSWER_SECONDS, "write_timeout": ANSWER_SECONDS}
