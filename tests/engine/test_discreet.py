"""What a log says of an error: what went wrong, without what somebody has entered."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, text
from sqlalchemy.exc import SQLAlchemyError

from engine.discreet import discreet, discreet_traceback
from engine.errors import Invalid
from engine.storage.database import Database, DatabaseUnavailable

SECRET = "the salary of Wang"


def test_a_value_that_an_error_repeats_is_not_said() -> None:
    with pytest.raises(ValueError, match=SECRET) as caught:
        int(SECRET)
    assert discreet(caught.value) == "ValueError"
    assert discreet(KeyError(SECRET)) == "KeyError"


def test_what_tells_of_the_program_alone_is_said() -> None:
    assert discreet(AttributeError("no attribute 'x'")) == "AttributeError: no attribute 'x'"
    assert discreet(FileNotFoundError(2, "No such file", SECRET)) == "FileNotFoundError: No such file"


def test_an_error_for_people_is_said_without_what_fills_it() -> None:
    assert discreet(Invalid("“%(value)s” is too long.", value=SECRET)) == "Invalid: “%(value)s” is too long."


def test_the_cause_of_an_error_for_people_is_said_too() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnavailable) as caught, database.read():
        pass
    assert "OperationalError" in discreet(caught.value)
    database.close()


def test_a_traceback_has_places_and_causes_but_no_contents() -> None:
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise RuntimeError("the form cannot be read") from error
    except RuntimeError as error:
        told = discreet_traceback(error)
    assert told.startswith("Traceback (most recent call last):")
    assert told.index("ValueError") < told.index("direct cause") < told.index("RuntimeError: the form")
    assert "test_discreet.py" in told
    assert SECRET not in told


def test_an_error_that_leads_to_itself_ends() -> None:
    one, other = ValueError(), KeyError()
    one.__context__, other.__context__ = other, one
    assert discreet_traceback(one).count("Traceback") == 2


@pytest.fixture
def notes(database: Database) -> Table:
    table = Table(
        "note", MetaData(), Column("id", Integer, primary_key=True), Column("text", String(5), nullable=False)
    )
    with database.engine.begin() as connection:
        table.create(connection)
    return table


def test_a_database_says_what_is_wrong_but_not_the_row(database: Database, notes: Table) -> None:
    for values in ({"id": 1, "text": None}, {"id": SECRET, "text": SECRET}, {"id": 1, "text": object()}):
        with pytest.raises(SQLAlchemyError) as caught, database.write() as session:
            session.execute(notes.insert().values(**values))
        said = discreet(caught.value) + discreet_traceback(caught.value)
        assert SECRET not in said
        assert "[parameters" not in said
        assert "DETAIL" not in said


def test_a_value_of_the_wrong_kind_is_not_said(postgresql_database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as caught, postgresql_database.read() as session:
        session.execute(text(f"SELECT CAST('{SECRET}' AS integer)"))
    assert isinstance(caught.value.orig, psycopg.DataError)  # type: ignore[attr-defined]
    assert discreet(caught.value) == "DataError"
