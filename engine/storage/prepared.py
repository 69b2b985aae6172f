"""Statements of the busiest paths: compiled once for a database, then given to its driver without a detour.

SQLAlchemy writes the statement's text and knows how each value and column is converted. All of that is kept here; to
find it again for every execution costs ten times what SQLite needs for the statement itself
(docs/decisions/0005-prepared-statements.md). What is not executed with every command goes through the session.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

_DRIVER = "planflow_driver"
_Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Driver:
    """The driver's own connection below a session, for the length of its transaction.

    ``executed`` is told of every statement, so that counting them leaves out none.
    """

    connection: Any
    dialect: Dialect
    executed: Callable[[], None]

    def execute(self, text: str, values: Any = (), many: bool = False) -> Any:
        """The cursor after the statement. Raises `DBAPIError` for what the driver raises, as the session does."""
        self.executed()
        cursor = self.connection.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(text, values)
        except self._error as error:
            raise DBAPIError.instance(text, values, error, self._error, dialect=self.dialect) from error
        return cursor

    @property
    def _error(self) -> type[Exception]:
        kind: type[Exception] = self.dialect.loaded_dbapi.Error
        return kind


def attach(session: Session, connection: Connection, executed: Callable[[], None]) -> None:
    """Let prepared statements run on the connection of this session, in its transaction."""
    session.info[_DRIVER] = Driver(connection.connection.driver_connection, connection.dialect, executed)


class Prepared:
    """A statement of SQLAlchemy Core whose values are all named by ``bindparam`` or fixed.

    An INSERT names its columns in ``columns``. Lists of values (``IN``) are not for here.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] = ()) -> None:
        self._statement = statement
        self._columns = list(columns) or None
        self._compiled: WeakKeyDictionary[Dialect, _Compiled] = WeakKeyDictionary()
        self._last: tuple[ref[Dialect], _Compiled] | None = None

    def first(self, session: Session, **values: Any) -> Any:
        """The first row, by its columns' names, or None."""
        driver, compiled = self._at(session)
        found = driver.execute(compiled.text, compiled.bound(values)).fetchone()
        return None if found is None else compiled.row(found)

    def all(self, session: Session, **values: Any) -> list[Any]:
        """All rows, by their columns' names."""
        driver, compiled = self._at(session)
        return [compiled.row(row) for row in driver.execute(compiled.text, compiled.bound(values))]

    def run(self, session: Session, values: Mapping[str, Any]) -> int:
        """Execute it; returns how many rows it concerned."""
        driver, compiled = self._at(session)
        return int(driver.execute(compiled.text, compiled.bound(values)).rowcount)

    def run_many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for each of these, as one statement."""
        driver, compiled = self._at(session)
        driver.execute(compiled.text, compiled.bound_many(rows), many=True)

    def run_rows(self, session: Session, rows: Sequence[Sequence[Any]]) -> None:
        """Execute it for each of these, as one statement. Their values stand in the order of ``columns``."""
        driver, compiled = self._at(session)
        driver.execute(compiled.text, compiled.bound_rows(rows), many=True)

    def _at(self, session: Session) -> tuple[Driver, _Compiled]:
        driver: Driver = session.info[_DRIVER]
        last = self._last
        if last is None or last[0]() is not driver.dialect:
            last = self._last = ref(driver.dialect), self._compiled_for(driver.dialect)
        return driver, last[1]

    def _compiled_for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect)
        if compiled is None:
            compiled = self._compiled[dialect] = _Compiled(self._statement, self._columns, dialect)
        return compiled


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """A block of which nothing remains in the database when an error leaves it."""
    driver: Driver = session.info[_DRIVER]
    driver.execute("SAVEPOINT attempt")
    try:
        yield
    except BaseException:
        driver.execute("ROLLBACK TO SAVEPOINT attempt")
        driver.execute("RELEASE SAVEPOINT attempt")
        raise
    driver.execute("RELEASE SAVEPOINT attempt")


class _Compiled:
    """A statement in the words of one database, with the conversions of its values and columns."""

    def __init__(self, statement: ClauseElement, columns: list[str] | None, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("only statements can be prepared")
        self.text = str(compiled)
        self._positional = compiled.positional
        self._names = compiled.positiontup if compiled.positiontup is not None else list(compiled.binds)
        parameters = [compiled.binds[name] for name in self._names]
        if any(parameter.expanding or parameter.literal_execute for parameter in parameters):
            raise TypeError("a list of values cannot be prepared")
        self._columns = columns or []
        self._fixed = {
            name: parameter.effective_value
            for name, parameter in zip(self._names, parameters, strict=True)
            if not parameter.required
        }
        self._to_database = _conversions(
            p.type.dialect_impl(dialect).bind_processor(dialect) for p in parameters
        )
        selected = list(statement.selected_columns) if isinstance(statement, Select) else []
        self._from_database = _conversions(
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in selected
        )
        self._row = _row_of([column.key or "" for column in selected])

    def bound(self, values: Mapping[str, Any]) -> Any:
        """What the driver is given with the text. Raises KeyError for a value that is missing."""
        return self._shaped(_converted(self._given(values), self._to_database))

    def _given(self, values: Mapping[str, Any]) -> list[Any]:
        given = {**self._fixed, **values} if self._fixed else values
        return list(self._chosen(given))

    def _shaped(self, values: list[Any]) -> Any:
        return values if self._positional else dict(zip(self._names, values, strict=True))

    def bound_many(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Like `bound` for each of them."""
        return self._converted_alike([self._given(row) for row in rows])

    def bound_rows(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """Like `bound` for each of them, given in the order of the columns that were named."""
        ordered = self._ordered
        return self._converted_alike([list(ordered(row)) for row in rows])

    @cached_property
    def _chosen(self) -> Callable[[Any], Sequence[Any]]:
        """The driver's values out of those that are given by name."""
        return _getting(self._names)

    @cached_property
    def _ordered(self) -> Callable[[Any], Sequence[Any]]:
        """The driver's values out of those that stand in the order of the columns."""
        return _getting([self._columns.index(name) for name in self._names])

    def _converted_alike(self, found: list[list[Any]]) -> list[Any]:
        """Rows often share an object, such as a moment; it is converted once."""
        for place, convert in self._to_database:
            known: dict[int, Any] = {}
            for values in found:
                value = values[place]
                if id(value) not in known:
                    known[id(value)] = convert(value)
                values[place] = known[id(value)]
        return [self._shaped(values) for values in found]

    def row(self, row: Sequence[Any]) -> Any:
        """A row of the driver with its values converted."""
        return self._row(*_converted(list(row), self._from_database))


def _getting(places: Sequence[Any]) -> Callable[[Any], Sequence[Any]]:
    """What lies at these places, in their order, in one go."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda given: [given[place] for place in places]


def _row_of(columns: list[str]) -> Callable[..., Any]:
    return namedtuple("Row", columns, rename=True)


def _conversions(found: Iterable[_Convert | None]) -> list[tuple[int, _Convert]]:
    """Where something is to be converted, and how; most values are not."""
    return [(place, convert) for place, convert in enumerate(found) if convert is not None]


def _converted(values: list[Any], conversions: list[tuple[int, _Convert]]) -> list[Any]:
    for place, convert in conversions:
        values[place] = convert(values[place])
    return values
