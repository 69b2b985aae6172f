"""Kept messages: why one could not be handed over, and the indexes by which they are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0003"
down_revision = "engine_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("error", sa.Text()))
    op.create_index(op.f("ix_message_try_at"), "message", ["try_at"])
    op.create_index(op.f("ix_message_key_key_hash"), "message_key", ["key_hash"])


def downgrade() -> None:
    op.drop_index(op.f("ix_message_key_key_hash"), "message_key")
    op.drop_index(op.f("ix_message_try_at"), "message")
    with op.batch_alter_table("message") as table:
        table.drop_column("error")
