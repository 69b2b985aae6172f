"""The engine's tables. SQL Core only; each row is read and written by the module named for its concept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from engine.storage.metadata import ExactJson, Json, RowId, UtcDateTime, metadata


def _instance_key() -> ForeignKey:
    """A reference to an instance, checked at commit: a command may write the instance's row last."""
    return ForeignKey("instance.id", deferrable=True, initially="DEFERRED")


def _only_where(condition: str) -> dict[str, Any]:
    """Options of an index that leaves out most rows, and so costs nothing where the column is empty."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


# Contents by their hash: equal bytes are stored once, and never change.
blob = Table(
    "blob",
    metadata,
    Column("sha256", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# One act of deploying a bundle of resources; `sha256` is that of the sorted names and content hashes.
deployment = Table(
    "deployment",
    metadata,
    Column("id", String, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("name", String, nullable=False),
    Column("sha256", String, nullable=False),
    Index(None, "name", "created_at"),
)

# A file of a deployment by its relative POSIX name.
resource = Table(
    "resource",
    metadata,
    Column("deployment_id", ForeignKey("deployment.id"), primary_key=True),
    Column("name", String, primary_key=True),
    Column("sha256", ForeignKey("blob.sha256"), nullable=False),
)

# A version of a process; immutable once written.
process_definition = Table(
    "process_definition",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("deployment_id", String, nullable=False),
    Column("resource_name", String, nullable=False),
    Column("name", String, nullable=False),
    Column("executable", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("starter_groups", Json, nullable=False),
    ForeignKeyConstraint(["deployment_id", "resource_name"], ["resource.deployment_id", "resource.name"]),
    UniqueConstraint("key", "version"),
    Index(None, "deployment_id"),
    sqlite_autoincrement=True,
)

# A version of a DMN decision; immutable once written.
decision_definition = Table(
    "decision_definition",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("deployment_id", String, nullable=False),
    Column("resource_name", String, nullable=False),
    Column("name", String, nullable=False),
    ForeignKeyConstraint(["deployment_id", "resource_name"], ["resource.deployment_id", "resource.name"]),
    UniqueConstraint("key", "version"),
    Index(None, "deployment_id"),
    sqlite_autoincrement=True,
)

# A run of a process. `revision` grows by one with every command; `state` holds only what is still live.
instance = Table(
    "instance",
    metadata,
    Column("id", String, primary_key=True),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False),
    Column("process_key", String, nullable=False),
    Column("business_key", String),
    Column("title", String, nullable=False),
    Column("starter", String, nullable=False),
    Column("status", String, nullable=False),  # active | completed | terminated | failed
    Column("revision", Integer, nullable=False),
    Column("state", Text),
    Column("variables", ExactJson, nullable=False),  # of the process scope, for readers
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("history_seq", Integer, nullable=False),  # of the last history event; 0 = none yet
    Column("history_hash", String, nullable=False),  # of the last history event; "" = none yet
    Column("parent_instance", ForeignKey("instance.id")),
    Index(None, "status"),
    Index(None, "started_at", "id"),
    Index(None, "process_key"),
    Index(None, "definition_id"),
    Index(None, "starter"),
    Index(None, "business_key"),
    Index(None, "parent_instance"),
)

_WAITS = "status IN ('open', 'claimed')"
_SORTED = ("status", "due_at", "created_at", "id")

# A user task as people see it, from the moment it waits for somebody; kept when done. Who completes it is its assignee
# from then on. Every command writes here, and every index that changes is another page to write.
work_item = Table(
    "work_item",
    metadata,
    Column("id", String, primary_key=True),
    Column("instance_id", _instance_key(), nullable=False),
    Column("token", Integer, nullable=False),
    Column("element", String, nullable=False),
    Column("name", String, nullable=False),
    Column("form", String),  # resource name in the instance's deployment
    Column("outcomes", ExactJson, nullable=False),  # [{id, name, kind, comment}]
    Column("facts", ExactJson, nullable=False),  # [{label, value}]
    Column("status", String, nullable=False),  # open | claimed | completed | cancelled
    Column("assignee", String),
    Column("owner", String),
    Column("offered", String),  # the one candidate (user:… or group:…), * where there are several
    Column("due_at", UtcDateTime),
    Column("priority", Integer, nullable=False, server_default="50"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("claimed_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("completed_by", String),
    Column("outcome", String),
    Column("comment", Text),
    Column("draft", ExactJson),  # the reader's unfinished form data
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("data", ExactJson),
    # Those to be done, a few among all that ever were, by who has them, and by whom they are offered to; with all that
    # an inbox is sorted by.
    Index("ix_work_item_waiting", "assignee", *_SORTED, **_only_where(_WAITS)),
    Index("ix_work_item_offered", "offered", *_SORTED, "assignee", **_only_where(_WAITS)),
    Index(None, "assignee", **_only_where("assignee IS NOT NULL")),
    Index(None, "owner", **_only_where("owner IS NOT NULL")),
    Index(None, "instance_id"),
)

# Who may take a work item; kept after it is done, for who may look back.
work_item_candidate = Table(
    "work_item_candidate",
    metadata,
    Column("work_item_id", ForeignKey("work_item.id"), primary_key=True),
    Column("kind", String, primary_key=True),  # user | group
    Column("name", String, primary_key=True),
    Index(None, "kind", "name"),
)

# What happened, append-only; each event carries the hash of the one before it (see engine.history).
history = Table(
    "history",
    metadata,
    Column("instance_id", _instance_key(), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("time", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("on_behalf_of", String),
    Column("kind", String, nullable=False),
    Column("element", String),
    Column("element_name", String),
    Column("definition_id", ForeignKey("process_definition.id"), nullable=False),
    Column("payload", ExactJson, nullable=False),
    Column("previous_hash", String, nullable=False),
    Column("hash", String, nullable=False),
)

# What is to be done by itself, see engine.jobs: a token goes on, a process starts, an operation is called. A job that
# is done has no row; `due_at` is when it is wanted, `try_at` when it may be tried next.
job = Table(
    "job",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String, nullable=False),
    Column("instance_id", _instance_key()),
    Column("definition_id", ForeignKey("process_definition.id")),  # of the process that it starts
    Column("token", Integer),
    Column("element", String),
    Column("element_name", String),
    Column("event", Integer, nullable=False, server_default="0"),  # number of the element's event definition
    Column("due_at", UtcDateTime, nullable=False),
    Column("try_at", UtcDateTime, nullable=False),
    Column("repeat", ExactJson),
    Column("payload", ExactJson),
    Column("retries", ExactJson),  # [ISO 8601 durations]; null for those of its kind
    Column("attempts", Integer, nullable=False, server_default="0"),  # that have failed in a row
    Column("status", String, nullable=False, server_default="due"),  # due | leased | failed
    Column("lease_owner", String),
    Column("lease_until", UtcDateTime),
    Column("lease", Integer, nullable=False, server_default="0"),  # grows with every lease
    Column("tried_at", UtcDateTime),  # when it was leased, or has failed, the last time, and
    Column("error", Text),  # why it has failed
    Column("created_at", UtcDateTime, nullable=False),
    Column("condition", Text),  # that starts a process: Starlark
    Column("answer", Boolean),  # of the condition, when it was asked last
    Column("handed_for", UtcDateTime),  # the `try_at` for which its number was given to a broker, and
    Column("handed_until", UtcDateTime),  # when it is given again (see engine.jobs.dispatch)
    Index(None, "status", "try_at"),
    Index(None, "instance_id", **_only_where("instance_id IS NOT NULL")),
    Index(None, "definition_id", **_only_where("definition_id IS NOT NULL")),
    # A number is never given twice: it is the key by which others know a call again.
    sqlite_autoincrement=True,
)

# A worker that is there, or was; `seen_at` is when it said so last (see engine.heartbeats).
worker = Table(
    "worker",
    metadata,
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False),  # server | worker | celery | dispatcher
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

# A message or signal waited for: by a token of an instance, or by a definition that it starts.
subscription = Table(
    "subscription",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("instance_id", _instance_key()),
    Column("definition_id", ForeignKey("process_definition.id")),
    Column("token", Integer),
    Column("element", String, nullable=False),
    Column("event", Integer, nullable=False, server_default="0"),  # number of the element's event definition
    Column("kind", String, nullable=False, server_default="message"),  # message | signal
    Column("name", String, nullable=False),
    Column("correlation", ExactJson, nullable=False),
    Column("key_hash", String, nullable=False),
    Index(None, "name", "key_hash"),
    Index(None, "instance_id"),
    sqlite_autoincrement=True,
)

# A message or signal on its way (see engine.messaging); a signal is for one subscription, a message for who fits.
message = Table(
    "message",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String, nullable=False),  # message | signal
    Column("name", String, nullable=False),
    Column("correlation", ExactJson, nullable=False),
    Column("payload", ExactJson, nullable=False),
    Column("starter", String, nullable=False),
    Column("subscription_id", RowId),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("try_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("error", Text),  # why it could not be handed over when that was tried last
    Index(None, "name"),
    Index(None, "try_at"),
    Index(None, "expires_at"),
    sqlite_autoincrement=True,
)

# The hash of every choice of a message's keys that a receiver may ask for, so that both find each other.
message_key = Table(
    "message_key",
    metadata,
    Column("message_id", ForeignKey("message.id", ondelete="CASCADE"), primary_key=True),
    Column("key_hash", String, primary_key=True),
    Index(None, "key_hash"),
)

# What a data store holds, for all processes (BPMN 2.0.2 §10.4.1).
data_store = Table(
    "data_store",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", ExactJson),
    Column("updated_at", UtcDateTime, nullable=False),
)

# Something that stopped a token and wants an operator; open while `resolved_at` is null.
incident = Table(
    "incident",
    metadata,
    Column("id", String, primary_key=True),
    Column("instance_id", _instance_key(), nullable=False),
    Column("token", Integer, nullable=False),
    Column("element", String, nullable=False),
    Column("element_name", String, nullable=False),
    Column("error", Text, nullable=False),
    Column("job_id", RowId),  # the job that has stopped, if it was one,
    Column("attempts", Integer, nullable=False, server_default="1"),  # after so many
    Column("created_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("resolved_by", String),
    Index(None, "instance_id"),
    Index(None, "resolved_at", "created_at"),
)

# A command that was done under a key by an actor, with its answer; said twice it is done once.
idempotency = Table(
    "idempotency",
    metadata,
    Column("key", String, primary_key=True),
    Column("actor", String, primary_key=True),
    Column("command", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("result", ExactJson, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)
