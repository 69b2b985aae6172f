"""The plan domain's first schema: the organisation, plans with their versions, figures, and who was told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "plans_0001"
down_revision = None
branch_labels = ("plans",)
depends_on = "engine_0001"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _organisation()
    _plans()
    _versions()
    _goals_and_actions()
    _figures()
    _told()


def downgrade() -> None:
    for table in (
        "notice_recipient",
        "notice",
        "confirmation",
        "filing",
        "evaluation",
        "reading",
        "indicator",
        "plan_action",
        "goal",
        "plan_version",
        "plan",
        "api_token",
        "department_member",
        "department",
        "person_role",
        "person",
    ):
        op.drop_table(table)


def _organisation() -> None:
    op.create_table(
        "person",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("display_name", sa.String, nullable=False),
        sa.Column("email", sa.String),
        sa.Column("superior", sa.String, sa.ForeignKey("person.name")),
        sa.Column("language", sa.String),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("password_hash", sa.String),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_person_superior", "person", ["superior"])
    op.create_table(
        "person_role",
        sa.Column("person", sa.String, sa.ForeignKey("person.name"), primary_key=True),
        sa.Column("role", sa.String, primary_key=True),
    )
    op.create_index("ix_person_role_role", "person_role", ["role"])
    op.create_table(
        "department",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("head", sa.String, sa.ForeignKey("person.name")),
    )
    op.create_index("ix_department_head", "department", ["head"])
    op.create_table(
        "department_member",
        sa.Column("department", sa.String, sa.ForeignKey("department.id"), primary_key=True),
        sa.Column("person", sa.String, sa.ForeignKey("person.name"), primary_key=True),
    )
    op.create_index("ix_department_member_person", "department_member", ["person"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("sha256", sa.String, nullable=False, unique=True),
        sa.Column("person", sa.String, sa.ForeignKey("person.name"), nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
    )
    op.create_index("ix_api_token_person", "api_token", ["person"])


def _plans() -> None:
    op.create_table(
        "plan",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("quarter", sa.Integer),
        sa.Column("month", sa.Integer),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("owner", sa.String, sa.ForeignKey("person.name"), nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("instance_id", sa.String),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("released_at", MOMENT),
        sa.UniqueConstraint("reference", "owner"),
        sa.CheckConstraint("kind in ('annual', 'quarterly', 'monthly')", name="kind_known"),
        sa.CheckConstraint("status in ('draft', 'in_force', 'released')", name="status_known"),
    )
    op.create_index("ix_plan_kind_year", "plan", ["kind", "year"])
    op.create_index("ix_plan_updated_at", "plan", ["updated_at"])
    op.create_index("ix_plan_owner", "plan", ["owner"])


def _versions() -> None:
    op.create_table(
        "plan_version",
        sa.Column("plan_id", sa.String, sa.ForeignKey("plan.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("resources", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("risks", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.String),
        sa.Column("in_force_from", MOMENT),
        sa.Column("superseded_at", MOMENT),
        sa.Column("ground", sa.String),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint("status in ('draft', 'in_force', 'superseded')", name="status_known"),
    )
    where = sa.text("status = 'in_force'")
    op.create_index(
        "uq_plan_version_one_in_force",
        "plan_version",
        ["plan_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
    where = sa.text("status = 'draft'")
    op.create_index(
        "uq_plan_version_one_draft",
        "plan_version",
        ["plan_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )


def _goals_and_actions() -> None:
    op.create_table(
        "goal",
        sa.Column("plan_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("area", sa.String),
        sa.Column("measure", sa.String),
        sa.Column("unit", sa.String),
        sa.Column("target", sa.Float),
        sa.Column("warning", sa.Float),
        sa.Column("baseline", sa.Float),
        sa.Column("due", sa.Date),
        sa.Column("owner", sa.String),
        sa.Column("serves", sa.String),
        sa.ForeignKeyConstraint(
            ["plan_id", "version"], ["plan_version.plan_id", "plan_version.version"], ondelete="CASCADE"
        ),
        sa.UniqueConstraint("plan_id", "version", "name"),
    )
    op.create_index("ix_goal_measure", "goal", ["measure"])
    op.create_table(
        "plan_action",
        sa.Column("plan_id", sa.String, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("owner", sa.String),
        sa.Column("start", sa.Date),
        sa.Column("end", sa.Date),
        sa.Column("resources", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("goal", sa.String),
        sa.ForeignKeyConstraint(
            ["plan_id", "version"], ["plan_version.plan_id", "plan_version.version"], ondelete="CASCADE"
        ),
    )
    op.create_index("ix_plan_action_owner", "plan_action", ["owner"])


def _figures() -> None:
    op.create_table(
        "indicator",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False, unique=True),
        sa.Column("unit", sa.String),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("direction", sa.String, nullable=False),
        sa.Column("summed_as", sa.String, nullable=False),
        sa.Column("target", sa.Float),
        sa.Column("warning", sa.Float),
        sa.CheckConstraint("kind in ('quantitative', 'qualitative')", name="kind_known"),
        sa.CheckConstraint("direction in ('higher', 'lower')", name="direction_known"),
        sa.CheckConstraint("summed_as in ('total', 'average', 'latest')", name="summed_as_known"),
    )
    op.create_table(
        "reading",
        sa.Column("indicator", sa.String, sa.ForeignKey("indicator.id"), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("recorded_by", sa.String, sa.ForeignKey("person.name"), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )
    op.create_table(
        "evaluation",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("quarter", sa.Integer, nullable=False),
        sa.Column("owner", sa.String, sa.ForeignKey("person.name"), nullable=False),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("indicators", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("assessments", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True)),
        sa.Column("filed_at", MOMENT, nullable=False),
        sa.Column("instance_id", sa.String),
    )
    op.create_index("ix_evaluation_year_quarter", "evaluation", ["year", "quarter"])


def _told() -> None:
    op.create_table(
        "filing",
        sa.Column("plan_id", sa.String, sa.ForeignKey("plan.id"), primary_key=True),
        sa.Column("department", sa.String, sa.ForeignKey("department.id"), primary_key=True),
        sa.Column("filed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "confirmation",
        sa.Column("plan_id", sa.String, sa.ForeignKey("plan.id"), primary_key=True),
        sa.Column("person", sa.String, sa.ForeignKey("person.name"), primary_key=True),
        sa.Column("confirmed_at", MOMENT, nullable=False),
        sa.Column("instance_id", sa.String),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("plan_id", sa.String, sa.ForeignKey("plan.id")),
        sa.Column("instance_id", sa.String),
        sa.Column("sent_by", sa.String, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
    )
    op.create_table(
        "notice_recipient",
        sa.Column("notice_id", sa.String, sa.ForeignKey("notice.id"), primary_key=True),
        sa.Column("person", sa.String, sa.ForeignKey("person.name"), primary_key=True),
        sa.Column("read_at", MOMENT),
    )
    op.create_index("ix_notice_recipient_person_read_at", "notice_recipient", ["person", "read_at"])
