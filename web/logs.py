"""Structured logs: one line an event, without bodies, query strings, headers or other places secrets hide.

Everything goes through structlog, also what libraries log and what nobody has caught. Which events there are, and what
their fields mean, is told in ``docs/reference/logs.md``.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from engine.discreet import discreet_traceback

TEXT, JSON = "text", "json"
LEVELS: Mapping[str, int] = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
LONGEST = 500
"""Characters of a value that are written; addresses and messages can be as long as a stranger likes."""
MIGRATIONS, MIGRATING = "alembic.runtime.migration", "Running "
"""Of the ordinary lines of libraries an operator wants to see one kind: each migration as it begins."""

log = structlog.get_logger("planflow")


def configure(log_format: str | None = None, level: str = "info") -> None:
    """Write logs to standard error from this level on, as ``text`` for people or ``json`` lines for machines.

    Without a format people are assumed at a terminal, and machines everywhere else.
    """
    chosen = log_format or (TEXT if sys.stderr.isatty() else JSON)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _one_line,
            _without_contents,
            _renderer(chosen),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_Line,
        cache_logger_on_first_use=False,
    )
    _listen_to_libraries(LEVELS[level])
    sys.excepthook, threading.excepthook = _crashed, _thread_crashed


def _renderer(chosen: str) -> Processor:
    if chosen == JSON:
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


@contextmanager
def quiet() -> Iterator[None]:
    """Write warnings and worse alone: for what is done a thousand times before anybody looks."""
    before = structlog.get_config()["wrapper_class"]
    if before is not structlog.make_filtering_bound_logger(logging.ERROR):
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)


class _Line:
    """Writes to standard error, whatever that is at the moment; ``name`` is that of the logger."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def msg(self, message: str) -> None:
        sys.stderr.write(message + "\n")
        sys.stderr.flush()

    log = debug = info = warn = warning = error = err = critical = failure = fatal = exception = msg


def _one_line(_logger: object, _method: str, event: EventDict) -> EventDict:
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


def _without_contents(_logger: object, _method: str, event: EventDict) -> EventDict:
    """An exception as the places in the code that it came through; its own words may repeat what was entered."""
    told = event.pop("exc_info", None)
    error = told[1] if isinstance(told, tuple) else sys.exc_info()[1] if told is True else told
    if isinstance(error, BaseException):
        event["exception"] = discreet_traceback(error)
    return event


# What others log


class _Passing(logging.Handler):
    """Hands a line of the standard library's ``logging`` on to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING and not record.getMessage().startswith(MIGRATING):
            return
        more: dict[str, Any] = {"exc_info": record.exc_info} if record.exc_info else {}
        structlog.get_logger(record.name).log(record.levelno, record.getMessage(), **more)


def _listen_to_libraries(level: int) -> None:
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if not isinstance(each, _Passing)] + [_Passing()]
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger(MIGRATIONS).setLevel(level)


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, Exception):
        log.critical("crashed", exc_info=error)
    else:
        sys.__excepthook__(kind, error, trace)


def _thread_crashed(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and isinstance(told.exc_value, Exception):
        log.critical("a thread crashed", exc_info=told.exc_value)
