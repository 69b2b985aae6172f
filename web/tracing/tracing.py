"""The spans, and how they leave: in batches, beside the work, to the OTLP endpoint that the environment names.

An attribute is an id, a kind, an outcome or a number; none names a person or holds what somebody has entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Timer

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    format_span_id,
    format_trace_id,
)
from structlog.contextvars import bound_contextvars

from engine.commands import Command, Result
from engine.correlation import origin
from engine.directory import Actor
from engine.jobs import Job
from engine.measuring import DONE, FAILED, HTTP, Departure, Meter, outcome
from web.command_log import about
from web.version import product_version

Attributes = Mapping[str, str | int]
PATIENCE = 5.0
"""Seconds that an endpoint has at the end to take what is left."""


class Tracing(Meter):
    """Keeps spans. ``trusts_callers`` says whether a request may say which trace it belongs to."""

    def __init__(self, trusts_callers: bool = False) -> None:
        self.trusts_callers = trusts_callers
        named = Resource({"service.name": "planflow", "service.version": product_version()})
        self._provider = TracerProvider(resource=named.merge(OTELResourceDetector().detect()))
        self._exporter = OTLPSpanExporter()
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("planflow", product_version())

    def close(self) -> None:
        """Send what is left, but wait for nobody who is away."""
        limit = Timer(PATIENCE, self._exporter.shutdown)
        limit.daemon = True
        limit.start()
        try:
            self._provider.shutdown()
        finally:
            limit.cancel()

    @contextmanager
    def span(
        self,
        name: str,
        kind: SpanKind,
        attributes: Attributes,
        links: Sequence[Link] = (),
        parent: Context | None = None,
    ) -> Iterator[Span]:
        """A span around a block, whose ids the log has within it. Errors are not recorded: they hold contents."""
        with (
            self._tracer.start_as_current_span(
                name,
                parent,
                kind=kind,
                attributes=dict(attributes),
                links=links,
                record_exception=False,
                set_status_on_exception=False,
            ) as span,
            bound_contextvars(**_ids(span.get_span_context())),
        ):
            yield span

    @contextmanager
    def command(
        self,
        command: Command,
        actor: Actor,  # noqa: ARG002  a trace names nobody
    ) -> Iterator[Callable[[Result], None]]:
        """A span named for the kind of the command."""
        things = {f"planflow.{name}": value for name, value in about(command).items()}
        told = {"outcome": ""}
        with self.span(type(command).__name__, SpanKind.INTERNAL, things) as span:

            def note(result: Result) -> None:
                if result.instance_id:
                    span.set_attribute("planflow.instance", result.instance_id)

            try:
                with outcome(told):
                    yield note
            finally:
                _end(span, told["outcome"], failed=told["outcome"] == FAILED)

    @contextmanager
    def job(self, job: Job) -> Iterator[Callable[[bool], None]]:
        """A span with a link to the one that put the job in: that may be long over."""
        things: dict[str, str | int] = {"planflow.job": job.id, "planflow.job.kind": job.kind}
        if job.instance_id:
            things["planflow.instance"] = job.instance_id
        ended = [FAILED]
        with self.span(f"job {job.kind}", SpanKind.CONSUMER, things | _request(), _links()) as span:
            try:
                yield lambda done: ended.append(DONE if done else FAILED)
            finally:
                _end(span, ended[-1], failed=ended[-1] == FAILED)

    def lease_lost(self, kind: str) -> None:
        """The span of the job has failed; nothing more is said."""

    @contextmanager
    def outgoing(self, departure: Departure) -> Iterator[Callable[[int], None]]:
        """A span with host and status: paths may be secrets."""
        where: dict[str, str | int] = {"server.address": departure.host, "server.port": departure.port}
        if departure.protocol == HTTP:
            where["http.request.method"] = departure.method
        told, name = {"outcome": ""}, f"{departure.method} {departure.host}"
        with self.span(name, SpanKind.CLIENT, where) as span:

            def note(status: int) -> None:
                span.set_attribute(f"{departure.protocol}.response.status_code", status)

            try:
                with outcome(told):
                    yield note
            finally:
                _end(span, told["outcome"], failed=told["outcome"] != DONE)


def _end(span: Span, how: str, failed: bool) -> None:
    span.set_attribute("planflow.outcome", how)
    if failed:
        span.set_attribute("error.type", how)
        span.set_status(StatusCode.ERROR)


def _ids(context: SpanContext) -> dict[str, str]:
    return {"trace_id": format_trace_id(context.trace_id), "span_id": format_span_id(context.span_id)}


def _request() -> dict[str, str | int]:
    known = origin().get("request_id")
    return {"planflow.request_id": known} if known else {}


def _links() -> list[Link]:
    """To the span whose ids are bound, if there are any."""
    bound = origin()
    try:
        ids = int(bound["trace_id"], 16), int(bound["span_id"], 16)
    except (KeyError, ValueError):
        return []
    context = SpanContext(*ids, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return [Link(context)]
