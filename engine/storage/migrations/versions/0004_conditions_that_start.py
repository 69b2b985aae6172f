"""Conditions that start processes, and why a timer or condition could not do so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0004"
down_revision = "engine_0003"
branch_labels = None
depends_on = None

NEW = ("condition", "answer", "element_name", "tried_at", "error")


def upgrade() -> None:
    op.add_column("timer", sa.Column("condition", sa.Text()))
    op.add_column("timer", sa.Column("answer", sa.Boolean()))
    op.add_column("timer", sa.Column("element_name", sa.String()))
    op.add_column("timer", sa.Column("tried_at", sa.DateTime(timezone=True)))
    op.add_column("timer", sa.Column("error", sa.Text()))


def downgrade() -> None:
    op.execute("DELETE FROM timer WHERE condition IS NOT NULL")
    with op.batch_alter_table("timer", table_kwargs={"sqlite_autoincrement": True}) as table:
        for name in NEW:
            table.drop_column(name)
