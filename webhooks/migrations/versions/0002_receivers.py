"""Webhooks in: receivers, the ids that had their effect, and what was posted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "webhooks_0002_receivers"
down_revision = "webhooks_0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _receivers()
    _seen()
    _calls()


def downgrade() -> None:
    for table in ("webhook_call", "webhook_seen", "webhook_receiver"):
        op.drop_table(table)


def _receivers() -> None:
    op.create_table(
        "webhook_receiver",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("authentication", sa.String(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text()),
        sa.Column("old_secret_until", MOMENT),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhook_receiver")),
    )


def _seen() -> None:
    op.create_table(
        "webhook_seen",
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("receiver", "webhook_id", name=op.f("pk_webhook_seen")),
        sa.ForeignKeyConstraint(
            ["receiver"],
            ["webhook_receiver.name"],
            name=op.f("fk_webhook_seen_receiver_webhook_receiver"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_webhook_seen_created_at"), "webhook_seen", ["created_at"])


def _calls() -> None:
    op.create_table(
        "webhook_call",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("time", MOMENT, nullable=False),
        sa.Column("last_time", MOMENT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.String()),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("instance_id", sa.String()),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("excerpt", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_call")),
        sa.ForeignKeyConstraint(
            ["receiver"],
            ["webhook_receiver.name"],
            name=op.f("fk_webhook_call_receiver_webhook_receiver"),
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webhook_call_receiver_id"), "webhook_call", ["receiver", "id"])
    op.create_index(op.f("ix_webhook_call_last_time"), "webhook_call", ["last_time"])
