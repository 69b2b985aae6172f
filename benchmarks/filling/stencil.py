"""A life with holes in it: ids, people and moments are filled in anew for each copy, and its events sealed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.filling.company import Cast
from benchmarks.filling.lives import Life
from engine.canonical import canonical
from engine.history import SEALED

ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}")
"""As SQLite keeps it, in UTC; PostgreSQL reads it."""
KEY = "key"
PREVIOUS = "p" * 64
"""Stands for the hash of the event before."""
OWN = {"job": ("id",), "incident": ("job_id",)}
"""Columns that the database fills in, or that stay empty."""

Value = Any
Hole = tuple[str, Any]


@dataclass(frozen=True)
class Text:
    """A text with holes, as a template of ``%``, and which of a copy's values go into it."""

    template: str
    places: tuple[int, ...]

    def filled(self, values: Sequence[str]) -> str:
        """The text with these values."""
        return self.template % tuple([values[place] for place in self.places])


@dataclass(frozen=True)
class TableStencil:
    """The rows that a life leaves in a table; every value is as it is, or a `Text`."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Copy:
    """The rows of one instance by table, in the order of their columns."""

    rows: Mapping[str, Sequence[Sequence[Value]]]
    events: int


class Stencil:
    """Makes copies of one life, of the process definition with this number."""

    def __init__(self, life: Life, definition: int) -> None:
        self.life = life
        self._definition = definition
        self._holes: dict[Hole, int] = {("previous", None): 0}
        items = {row["id"]: number for number, row in enumerate(life.rows["work_item"])}
        self._marks: dict[str, Hole] = {
            life.rows["instance"][0]["id"]: ("instance", None),
            **{item: ("item", number) for item, number in items.items()},
            **{row["id"]: ("incident", None) for row in life.rows["incident"]},
            **{getattr(life.cast, role): (role, None) for role in ("starter", "checker", "superior")},
            PREVIOUS: ("previous", None),
        }
        self._split = re.compile(f'({"|".join(map(re.escape, self._marks))}|"{KEY}"|{ISO})')
        self._sealed = tuple(self._text(self._canonical(row)) for row in life.rows["history"])
        self.tables = tuple(self._table(name) for name in life.rows)
        self._history = next(table for table in self.tables if table.name == "history")

    def copy(self, new_ids: Sequence[str], cast: Cast, key: str, began: datetime) -> Copy:
        """An instance with these ids (as many as `ids`), people and business key, begun at this moment."""
        values = self._values(new_ids, cast, key, began)
        events, last = self._chain(values)
        rows = {
            table.name: [[_filled(value, values) for value in row] for row in table.rows]
            for table in self.tables
            if table.name != "history"
        }
        (own,) = rows["instance"]
        own[self._place("instance", "history_hash")] = last
        rows["history"] = events
        return Copy(rows, len(events))

    @property
    def ids(self) -> int:
        """How many ids a copy needs."""
        return sum(hole[0] in ("instance", "item", "incident") for hole in self._holes)

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of every table."""
        return {table.name: table.columns for table in self.tables}

    def _chain(self, values: list[str]) -> tuple[list[list[Value]], str]:
        events, last = [], ""
        for row, sealed in zip(self._history.rows, self._sealed, strict=True):
            values[0] = last
            sealing = hashlib.sha256(sealed.filled(values).encode()).hexdigest()
            event = [_filled(value, values) for value in row]
            event[-2:] = last, sealing
            events.append(event)
            last = sealing
        return events, last

    def _values(self, new_ids: Sequence[str], cast: Cast, key: str, began: datetime) -> list[str]:
        left = iter(new_ids)
        values = [""] * len(self._holes)
        for (kind, what), place in self._holes.items():
            if kind in ("instance", "item", "incident"):
                values[place] = next(left)
            elif kind in ("iso", "moment"):
                moment = (began + what).replace(tzinfo=None)
                text = moment.isoformat(" " if kind == "moment" else "T", "microseconds")
                values[place] = text if kind == "moment" else f"{text}Z"
            elif kind in ("key", "bare_key"):
                values[place] = f'"{key}"' if kind == "key" else key
            elif kind != "previous":
                values[place] = getattr(cast, kind)
        return values

    def _canonical(self, row: Mapping[str, Any]) -> str:
        """What is hashed of an event, see `engine.history.seal`."""
        sealed = {name: row[name] for name in SEALED}
        sealed["time"] = row["time"].replace(" ", "T") + "Z"
        sealed["payload"] = json.loads(row["payload"])
        sealed["definition_id"] = self._definition
        sealed["previous_hash"] = PREVIOUS
        return canonical(sealed).decode()

    def _table(self, name: str) -> TableStencil:
        rows = self.life.rows[name]
        if not rows:
            return TableStencil(name, (), ())
        columns = tuple(column for column in rows[0] if column not in OWN.get(name, ()))
        return TableStencil(
            name,
            columns,
            tuple(tuple(self._value(column, row[column]) for column in columns) for row in rows),
        )

    def _value(self, column: str, value: Any) -> Any:
        if column == "definition_id" and value is not None:
            return self._definition
        if column == "state" and value is not None:
            value = json.dumps({**json.loads(value), "d": [self._definition]}, separators=(",", ":"))
        if column == "business_key":
            return Text("%s", (self._hole(("bare_key", None)),))
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> Any:
        """The text with its holes; as it is where there is none."""
        if MOMENT.fullmatch(text):
            return Text("%s", (self._hole(("moment", self._since(text))),))
        parts = self._split.split(text)
        if len(parts) == 1:
            return text
        template = "%s".join(part.replace("%", "%%") for part in parts[::2])
        return Text(template, tuple(self._hole(self._named(mark)) for mark in parts[1::2]))

    def _named(self, mark: str) -> Hole:
        if mark == f'"{KEY}"':
            return "key", None
        return self._marks.get(mark) or ("iso", self._since(mark.removesuffix("Z").replace("T", " ")))

    def _since(self, moment: str) -> timedelta:
        return datetime.fromisoformat(moment).replace(tzinfo=UTC) - self.life.began

    def _hole(self, hole: Hole) -> int:
        return self._holes.setdefault(hole, len(self._holes))

    def _place(self, table: str, column: str) -> int:
        return next(each for each in self.tables if each.name == table).columns.index(column)


def _filled(value: Value, values: Sequence[str]) -> Value:
    return value.filled(values) if value.__class__ is Text else value
