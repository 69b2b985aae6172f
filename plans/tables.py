"""The plan domain's tables. They share the engine's metadata, so that foreign keys and migrations line up."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.storage.metadata import ExactJson, UtcDateTime, metadata

# Who signs in. `name` is the sign-in name and the identity everywhere; `superior` is 上級領導 of this person.
person = Table(
    "person",
    metadata,
    Column("name", String, primary_key=True),
    Column("display_name", String, nullable=False),
    Column("email", String),
    Column("mail_about", String, nullable=False, server_default="mine"),  # nothing | mine | all
    Column("superior", String, ForeignKey("person.name")),
    Column("language", String),
    Column("active", Boolean, nullable=False),
    Column("password_hash", String),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "superior"),
)

# Which roles a person has (policy: 運營主管, 上級領導, 公司管理層 …); each is a group of the directory.
person_role = Table(
    "person_role",
    metadata,
    Column("person", String, ForeignKey("person.name"), primary_key=True),
    Column("role", String, primary_key=True),
    Index(None, "role"),
)

# Departments (部門) and their heads (部門負責人).
department = Table(
    "department",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("head", String, ForeignKey("person.name")),
    Index(None, "head"),
)

department_member = Table(
    "department_member",
    metadata,
    Column("department", String, ForeignKey("department.id"), primary_key=True),
    Column("person", String, ForeignKey("person.name"), primary_key=True),
    Index(None, "person"),
)

# Tokens for programs; only the hash of each is kept.
api_token = Table(
    "api_token",
    metadata,
    Column("id", String, primary_key=True),
    Column("sha256", String, nullable=False, unique=True),
    Column("person", String, ForeignKey("person.name"), nullable=False),
    Column("label", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Index(None, "person"),
)

# Sessions that people ended before their time, until they would have ended by themselves.
ended_session = Table(
    "ended_session",
    metadata,
    Column("id", String, primary_key=True),
    Column("forget_at", UtcDateTime, nullable=False),
    Index(None, "forget_at"),
)

# A plan of one owner for one period; what it says lies in its versions.
plan = Table(
    "plan",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("quarter", Integer),
    Column("month", Integer),
    Column("reference", String, nullable=False),
    Column("title", String, nullable=False),
    Column("owner", String, ForeignKey("person.name"), nullable=False),
    Column("status", String, nullable=False),
    Column("instance_id", String),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("released_at", UtcDateTime),
    UniqueConstraint("reference", "owner"),
    CheckConstraint("kind in ('annual', 'quarterly', 'monthly')", name="kind_known"),
    CheckConstraint("status in ('draft', 'in_force', 'released')", name="status_known"),
    Index(None, "kind", "year"),
    Index(None, "updated_at"),
    Index(None, "owner"),
)

# What a plan said at a time. A version that was in force is never changed again (policy C4).
plan_version = Table(
    "plan_version",
    metadata,
    Column("plan_id", String, ForeignKey("plan.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("status", String, nullable=False),
    Column("document", ExactJson, nullable=False),
    Column("resources", ExactJson, nullable=False),
    Column("risks", ExactJson, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("approved_by", String),
    Column("in_force_from", UtcDateTime),
    Column("superseded_at", UtcDateTime),
    Column("ground", String),
    Column("reason", Text),
    CheckConstraint("status in ('draft', 'in_force', 'superseded')", name="status_known"),
    # At most one version in force and one draft of a plan, whatever two transactions try at once.
    Index(
        "uq_plan_version_one_in_force",
        "plan_id",
        unique=True,
        sqlite_where=text("status = 'in_force'"),
        postgresql_where=text("status = 'in_force'"),
    ),
    Index(
        "uq_plan_version_one_draft",
        "plan_id",
        unique=True,
        sqlite_where=text("status = 'draft'"),
        postgresql_where=text("status = 'draft'"),
    ),
)

# Goals of a version (policy A4); `serves` names the goal of the plan above (policy G2).
goal = Table(
    "goal",
    metadata,
    Column("plan_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("area", String),
    Column("measure", String),
    Column("unit", String),
    Column("target", Float),
    Column("warning", Float),
    Column("baseline", Float),
    Column("due", Date),
    Column("owner", String),
    Column("serves", String),
    ForeignKeyConstraint(
        ["plan_id", "version"], ["plan_version.plan_id", "plan_version.version"], ondelete="CASCADE"
    ),
    UniqueConstraint("plan_id", "version", "name"),
    Index(None, "measure"),
)

# Lines of a version's action plan (policy A5, Q4, M3).
plan_action = Table(
    "plan_action",
    metadata,
    Column("plan_id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("task", Text, nullable=False),
    Column("owner", String),
    Column("start", Date),
    Column("end", Date),
    Column("resources", Text),
    Column("result", Text),
    Column("goal", String),
    ForeignKeyConstraint(
        ["plan_id", "version"], ["plan_version.plan_id", "plan_version.version"], ondelete="CASCADE"
    ),
    Index(None, "owner"),
)

# Key indicators (policy K1-K3). `summed_as` says how the readings of a period become its figure.
indicator = Table(
    "indicator",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("unit", String),
    Column("kind", String, nullable=False),
    Column("direction", String, nullable=False),
    Column("summed_as", String, nullable=False),
    Column("target", Float),
    Column("warning", Float),
    CheckConstraint("kind in ('quantitative', 'qualitative')", name="kind_known"),
    CheckConstraint("direction in ('higher', 'lower')", name="direction_known"),
    CheckConstraint("summed_as in ('total', 'average', 'latest')", name="summed_as_known"),
)

# What was measured, with its source (policy K5). One value for an indicator and day; a later one corrects it.
reading = Table(
    "reading",
    metadata,
    Column("indicator", String, ForeignKey("indicator.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("value", Float, nullable=False),
    Column("source", String, nullable=False),
    Column("recorded_by", String, nullable=False),  # a person, or the receiver of another system's: hook:erp
    Column("recorded_at", UtcDateTime, nullable=False),
)

# Evaluation reports (運營計劃評估報告, policy K8), as filed.
evaluation = Table(
    "evaluation",
    metadata,
    Column("id", String, primary_key=True),
    Column("year", Integer, nullable=False),
    Column("quarter", Integer, nullable=False),
    Column("owner", String, ForeignKey("person.name"), nullable=False),
    Column("report", ExactJson, nullable=False),
    Column("indicators", ExactJson, nullable=False),
    Column("assessments", ExactJson, nullable=False),
    Column("result", ExactJson),
    Column("filed_at", UtcDateTime, nullable=False),
    Column("instance_id", String),
    Index(None, "year", "quarter"),
)

# Which departments hold a plan on file (備案, policy Q6).
filing = Table(
    "filing",
    metadata,
    Column("plan_id", String, ForeignKey("plan.id"), primary_key=True),
    Column("department", String, ForeignKey("department.id"), primary_key=True),
    Column("filed_at", UtcDateTime, nullable=False),
)

# Who confirmed to have understood a plan, its duties and tasks (policy Q7, M7).
confirmation = Table(
    "confirmation",
    metadata,
    Column("plan_id", String, ForeignKey("plan.id"), primary_key=True),
    Column("person", String, ForeignKey("person.name"), primary_key=True),
    Column("confirmed_at", UtcDateTime, nullable=False),
    Column("instance_id", String),
)

# Notices to people, shown on their pages (policy C5, M6, Q7).
notice = Table(
    "notice",
    metadata,
    Column("id", String, primary_key=True),
    Column("subject", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("plan_id", String, ForeignKey("plan.id")),
    Column("instance_id", String),
    Column("sent_by", String, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
)

notice_recipient = Table(
    "notice_recipient",
    metadata,
    Column("notice_id", String, ForeignKey("notice.id"), primary_key=True),
    Column("person", String, ForeignKey("person.name"), primary_key=True),
    Column("read_at", UtcDateTime),
    Index(None, "person", "read_at"),
)
