"""Readings that another system sends: who recorded them need not be a person."""

from __future__ import annotations

from alembic import op

revision = "plans_0003"
down_revision = "plans_0002"
branch_labels = None
depends_on = None

KEY = "fk_reading_recorded_by_person"


def upgrade() -> None:
    with op.batch_alter_table("reading") as table:
        table.drop_constraint(KEY, type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("reading") as table:
        table.create_foreign_key(KEY, "person", ["recorded_by"], ["name"])
