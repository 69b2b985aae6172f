"""Pages of a list: each goes on exactly where the one before ended, whatever was added meanwhile."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, literal, tuple_
from sqlalchemy.orm import Session

from engine.errors import FieldProblem, Invalid
from engine.messages import translatable
from engine.storage.metadata import UtcDateTime

MAX_LIMIT = 200


class Order:
    """How a list is sorted: by columns that together are unique and never null, all in one direction.

    ``name`` goes into the cursor, so that one list's cursor is refused by another.
    """

    def __init__(self, name: str, *columns: ColumnElement[Any], descending: bool = False) -> None:
        self.name = name
        self.columns = columns
        self.descending = descending


def fetch(
    session: Session, query: Select[Any], order: Order, cursor: str | None, limit: int
) -> tuple[list[Row[Any]], str | None]:
    """At most ``limit`` rows (1 to 200) after the cursor, and the cursor of what follows, if anything does.

    Raises `Invalid` for a limit below 1 or a cursor that this list has not given.
    """
    if limit < 1:
        problem = FieldProblem("limit", translatable("Must be at least 1."))
        raise Invalid(translatable("The page cannot be read."), [problem])
    limit = min(limit, MAX_LIMIT)
    keys = [column.label(f"key_{place}") for place, column in enumerate(order.columns)]
    rows = list(session.execute(first(query.add_columns(*keys), order, cursor, limit)))
    return rows[:limit], _encoded(order, rows[limit - 1]) if len(rows) > limit else None


def first(query: Select[Any], order: Order, cursor: str | None, limit: int) -> Select[Any]:
    """The rows of a query that `fetch` looks at: those after the cursor, one more than a page has.

    Of what needs much to be joined to it, they can be chosen first by what their order needs.
    """
    if cursor is not None:
        query = query.where(_after(order, cursor))
    query = query.order_by(*(column.desc() if order.descending else column for column in order.columns))
    return query.limit(min(limit, MAX_LIMIT) + 1)


def _after(order: Order, cursor: str) -> ColumnElement[bool]:
    values = _decoded(order, cursor)
    here = tuple_(*order.columns)
    there = tuple_(
        *(literal(value, column.type) for value, column in zip(values, order.columns, strict=True))
    )
    return here < there if order.descending else here > there


def _encoded(order: Order, row: Row[Any]) -> str:
    values = [getattr(row, f"key_{place}") for place in range(len(order.columns))]
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    written = json.dumps([order.name, *plain], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _decoded(order: Order, cursor: str) -> list[Any]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, *plain = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if name != order.name:
            raise ValueError(name)
        return [_typed(value, column) for value, column in zip(plain, order.columns, strict=True)]
    except (ValueError, TypeError, RecursionError) as error:
        problem = FieldProblem("cursor", translatable("This is not a cursor that this list has given."))
        raise Invalid(translatable("The page cannot be read."), [problem]) from error


def _typed(value: Any, column: ColumnElement[Any]) -> Any:
    if isinstance(column.type, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment
    if type(value) is not column.type.python_type or value == "" or _is_out_of_reach(value):
        raise ValueError(value)
    return value


def _is_out_of_reach(value: str | int) -> bool:
    """Whether no row can hold this: a number beyond a database's, or a NUL that PostgreSQL would refuse."""
    return "\0" in value or not value.isprintable() if isinstance(value, str) else abs(value) >= 2**31
