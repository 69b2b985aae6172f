"""Traces for OpenTelemetry: a span for each request, command, job and request to another system.

Nothing here, and nothing of its libraries, is loaded while traces are not wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import PlanFlowError
from web.settings import Settings

if TYPE_CHECKING:
    from web.tracing.tracing import Tracing


class NoTracing(PlanFlowError):
    """Traces are asked for, but the libraries for them are missing."""

    code = "no_tracing"


def tracing_of(settings: Settings) -> Tracing | None:
    """What keeps the traces of an installation; None where none are wanted. Raises NoTracing."""
    if not settings.tracing:
        return None
    try:
        from web.tracing.tracing import Tracing
    except ImportError:
        raise NoTracing(
            "The OTEL_… variables ask for traces, but the libraries for them are missing. "
            "Install planflow[tracing], or set OTEL_TRACES_EXPORTER=none."
        ) from None
    return Tracing(trusts_callers=settings.proxies > 0)
