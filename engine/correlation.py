"""What a job goes back to: the request that led to it, carried along so that logs and traces show both together.

Nothing is decided by it. A request binds its id in the context of structlog; whoever puts a job in writes down what is
bound, and whoever does the job binds it again. So it also reaches what that job sets off in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

CARRIED = ("request_id", "trace_id", "span_id")
"""Names that are carried on. Those of a trace are there while one is kept."""
KEY = "origin"
"""Where they stand in a job's payload."""


def origin() -> dict[str, str]:
    """What is bound here and is to be carried on."""
    bound = get_contextvars()
    return {name: bound[name] for name in CARRIED if name in bound}


def with_origin(payload: Mapping[str, Any], known: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A job's payload with what it goes back to; ``known`` says so where that is not what is bound here."""
    found = origin() if known is None else known
    return {**payload, KEY: dict(found)} if found else dict(payload)


@contextmanager
def kept() -> Iterator[None]:
    """Whatever is bound in the block is forgotten after it, and what was bound before is bound again."""
    before = get_contextvars()
    try:
        yield
    finally:
        clear_contextvars()
        bind_contextvars(**before)


def adopt(payload: Mapping[str, Any] | None) -> None:
    """Bind what a job goes back to, for the rest of a `kept` block. A job that goes back to nothing changes nothing."""
    found = (payload or {}).get(KEY)
    if isinstance(found, Mapping):
        bind_contextvars(**{name: found[name] for name in CARRIED if name in found})
