"""Messages on their way, signals, data stores, timers that start processes, and several events of one element."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "engine_0002"
down_revision = "engine_0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_index(op.f("ix_subscription_message_key_hash"), "subscription")
    with op.batch_alter_table("subscription") as table:
        table.alter_column("message", new_column_name="name", existing_type=sa.String())
        table.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="message"))
        table.add_column(sa.Column("event", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_subscription_name_key_hash"), "subscription", ["name", "key_hash"])
    with op.batch_alter_table("timer") as table:
        table.alter_column("instance_id", nullable=True, existing_type=sa.String())
        table.alter_column("token", nullable=True, existing_type=sa.Integer())
        table.add_column(sa.Column("definition_id", ROW_ID))
        table.add_column(sa.Column("event", sa.Integer(), nullable=False, server_default="0"))
        table.create_foreign_key(
            op.f("fk_timer_definition_id_process_definition"), "process_definition", ["definition_id"], ["id"]
        )
    op.create_index(op.f("ix_timer_definition_id"), "timer", ["definition_id"])
    _messages()
    op.create_table(
        "data_store",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_data_store")),
    )


def _messages() -> None:
    op.create_table(
        "message",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("correlation", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("starter", sa.String(), nullable=False),
        sa.Column("subscription_id", ROW_ID),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_message_name"), "message", ["name"])
    op.create_table(
        "message_key",
        sa.Column("message_id", ROW_ID, nullable=False),
        sa.Column("key_hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "key_hash", name=op.f("pk_message_key")),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_message_key_message_id_message"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(op.f("ix_message_expires_at"), "message", ["expires_at"])


def downgrade() -> None:
    op.drop_table("data_store")
    op.drop_table("message_key")
    op.drop_table("message")
    op.execute("DELETE FROM timer WHERE instance_id IS NULL")
    op.drop_index(op.f("ix_timer_definition_id"), "timer")
    with op.batch_alter_table("timer") as table:
        table.drop_constraint(op.f("fk_timer_definition_id_process_definition"), type_="foreignkey")
        table.drop_column("event")
        table.drop_column("definition_id")
        table.alter_column("token", nullable=False, existing_type=sa.Integer())
        table.alter_column("instance_id", nullable=False, existing_type=sa.String())
    op.execute("DELETE FROM subscription WHERE kind <> 'message'")
    op.drop_index(op.f("ix_subscription_name_key_hash"), "subscription")
    with op.batch_alter_table("subscription") as table:
        table.drop_column("event")
        table.drop_column("kind")
        table.alter_column("name", new_column_name="message", existing_type=sa.String())
    op.create_index(op.f("ix_subscription_message_key_hash"), "subscription", ["message", "key_hash"])
