"""Structured logs: one line an event, without bodies, query strings, headers or other places secrets hide."""

from __future__ import annotations

import logging
import sys

import structlog

LONGEST = 500
"""Characters of a value that are written; addresses and messages can be as long as a stranger likes."""


def configure(log_format: str = "text", level: int = logging.INFO) -> None:
    """Write logs to standard error, as text for people or JSON lines for machines."""
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            # The richer formatter shows local variables, and with them secrets.
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _one_line,
    ]
    if log_format == "json":
        before.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*before, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _one_line(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What strangers send stays on its line and gives no orders to the terminal that shows it."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _visible(value)
    return event


def _visible(text: str) -> str:
    cut = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    if cut.isprintable():
        return cut
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in cut
    )
