"""Jobs: one table for whatever is to be done by itself, in which the timers go on; incidents of jobs."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "engine_0005"
down_revision = "engine_0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = (
    "id, instance_id, definition_id, token, element, element_name, event, due_at, repeat, attempts, tried_at, error, "
    "condition, answer"
)


def upgrade() -> None:
    _job_table()
    _carry_over()
    op.drop_table("timer")
    op.add_column("incident", sa.Column("job_id", ROW_ID))
    op.add_column("incident", sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))


def _job_table() -> None:
    op.create_table(
        "job",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("instance_id", sa.String()),
        sa.Column("definition_id", ROW_ID),
        sa.Column("token", sa.Integer()),
        sa.Column("element", sa.String()),
        sa.Column("element_name", sa.String()),
        sa.Column("event", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeat", sa.JSON()),
        sa.Column("payload", sa.JSON()),
        sa.Column("retries", sa.JSON()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("status", sa.String(), nullable=False, server_default="due"),
        sa.Column("lease_owner", sa.String()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("lease", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("condition", sa.Text()),
        sa.Column("answer", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        _instance_key("job"),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_job_definition_id_process_definition"),
        ),
        sqlite_autoincrement=True,
    )
    # Before the rows: PostgreSQL makes no index on a table with references that are still to be checked.
    op.create_index(op.f("ix_job_status_try_at"), "job", ["status", "try_at"])
    for column in ("instance_id", "definition_id"):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(op.f(f"ix_job_{column}"), "job", [column], sqlite_where=there, postgresql_where=there)


def _instance_key(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["instance_id"],
        ["instance.id"],
        name=op.f(f"fk_{table}_instance_id_instance"),
        initially="DEFERRED",
        deferrable=True,
    )


def _carry_over() -> None:
    """What had failed was left alone until ``lease_until``; when the timers were set is not known any more."""
    moved = sa.text(
        f"INSERT INTO job ({KEPT}, kind, try_at, created_at) SELECT {KEPT},"  # noqa: S608  two constants
        " CASE WHEN definition_id IS NULL THEN 'timer' WHEN condition IS NULL THEN 'start_timer'"
        " ELSE 'start_condition' END,"
        " CASE WHEN lease_until > due_at THEN lease_until ELSE due_at END, :now FROM timer"
    )
    connection = op.get_bind()
    connection.execute(moved.bindparams(sa.bindparam("now", datetime.now(UTC), sa.DateTime(timezone=True))))
    if connection.dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute(
            "SELECT setval(pg_get_serial_sequence('job', 'id'), nextval(pg_get_serial_sequence('timer', 'id')))"
        )
    else:
        op.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'job', seq FROM sqlite_sequence WHERE name = 'timer'"
            " AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'job')"
        )
        op.execute(
            "UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence WHERE name IN ('job', 'timer'))"
            " WHERE name = 'job'"
        )


def downgrade() -> None:
    op.create_table(
        "timer",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("instance_id", sa.String()),
        sa.Column("definition_id", ROW_ID),
        sa.Column("token", sa.Integer()),
        sa.Column("element", sa.String(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("repeat", sa.JSON()),
        sa.Column("lease_owner", sa.String()),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("condition", sa.Text()),
        sa.Column("answer", sa.Boolean()),
        sa.Column("element_name", sa.String()),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        _instance_key("timer"),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name=op.f("fk_timer_definition_id_process_definition"),
        ),
        sqlite_autoincrement=True,
    )
    for column in ("due_at", "instance_id", "definition_id"):
        op.create_index(op.f(f"ix_timer_{column}"), "timer", [column])
    op.execute(
        f"INSERT INTO timer ({KEPT}) SELECT {KEPT} FROM job"  # noqa: S608  two constants
        " WHERE kind IN ('timer', 'start_timer', 'start_condition')"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute(
            "SELECT setval(pg_get_serial_sequence('timer', 'id'), nextval(pg_get_serial_sequence('job', 'id')))"
        )
    op.drop_table("job")
    with op.batch_alter_table("incident") as table:
        table.drop_column("attempts")
        table.drop_column("job_id")
