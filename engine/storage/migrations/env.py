"""Alembic's entry: migrates over the connection that `Database.upgrade` hands in, within its transaction."""

from __future__ import annotations

from alembic import context

from engine.storage import tables  # noqa: F401  registers the engine's tables
from engine.storage.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
