"""Webhooks out: endpoints, the outbox of events, deliveries and their attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "webhooks_0001"
down_revision = None
branch_labels = ("webhooks",)
depends_on = "engine_0005"

MOMENT = sa.DateTime(timezone=True)
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PENDING = sa.text("status = 'pending'")


def upgrade() -> None:
    _endpoints()
    _events()
    _deliveries()
    _attempts()


def downgrade() -> None:
    for table in ("webhook_attempt", "webhook_delivery", "webhook_event", "webhook_endpoint"):
        op.drop_table(table)


def _endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("processes", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("old_secret", sa.Text()),
        sa.Column("old_secret_until", MOMENT),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("disabled_why", sa.String()),
        sa.Column("failing_since", MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", MOMENT),
        sa.Column("succeeded_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )


def _events() -> None:
    op.create_table(
        "webhook_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String()),
        sa.Column("time", MOMENT, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_event")),
    )
    op.create_index(op.f("ix_webhook_event_time"), "webhook_event", ["time"])


def _deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("endpoint_id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("job_id", ROW_ID),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("next_try_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("error", sa.Text()),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoint.id"],
            name=op.f("fk_webhook_delivery_endpoint_id_webhook_endpoint"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["webhook_event.id"], name=op.f("fk_webhook_delivery_event_id_webhook_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_webhook_delivery_endpoint_id_status"), "webhook_delivery", ["endpoint_id", "status"]
    )
    op.create_index(
        "ix_webhook_delivery_lane",
        "webhook_delivery",
        ["endpoint_id", "lane"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    op.create_index(op.f("ix_webhook_delivery_event_id"), "webhook_delivery", ["event_id"])
    op.create_index(op.f("ix_webhook_delivery_finished_at"), "webhook_delivery", ["finished_at"])


def _attempts() -> None:
    op.create_table(
        "webhook_attempt",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("delivery_id", ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("time", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("request_headers", sa.JSON(), nullable=False),
        sa.Column("request_body", sa.Text()),
        sa.Column("response_headers", sa.JSON()),
        sa.Column("response_body", sa.Text()),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["webhook_delivery.id"],
            name=op.f("fk_webhook_attempt_delivery_id_webhook_delivery"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempt")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_webhook_attempt_delivery_id"), "webhook_attempt", ["delivery_id"])
