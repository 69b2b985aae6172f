"""The migrations and the tables say the same."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine import Database
from engine.storage import tables as engine_tables
from engine.storage.metadata import metadata
from plans import tables as plan_tables
from tests.engine.storage.parts import is_no_part


def test_the_migrations_make_exactly_the_tables_that_the_code_declares(database: Database) -> None:
    assert {engine_tables.instance.name, plan_tables.plan.name} <= set(metadata.tables)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": is_no_part}
        )
        assert compare_metadata(context, metadata) == []
