"""The tables of what comes in. They share the engine's metadata, so that foreign keys and migrations line up."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.storage.metadata import ExactJson, RowId, UtcDateTime, metadata

# What may be posted to /hooks/{name} and what that does. Secrets are sealed with a key outside of the database.
receiver = Table(
    "webhook_receiver",
    metadata,
    Column("name", String, primary_key=True),
    Column("authentication", String, nullable=False),  # standard | github | bearer
    Column("secret", Text, nullable=False),
    Column("old_secret", Text),  # is accepted too
    Column("old_secret_until", UtcDateTime),  # until then
    Column("definition", ExactJson, nullable=False),  # webhooks.incoming.receiver.Draft
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("updated_by", String, nullable=False),
    Column("revision", Integer, nullable=False),
)

# Ids that had their effect, each with what was answered; written in the transaction of that effect.
seen = Table(
    "webhook_seen",
    metadata,
    Column("receiver", ForeignKey("webhook_receiver.name", ondelete="CASCADE"), primary_key=True),
    Column("webhook_id", String, primary_key=True),
    Column("answer", ExactJson),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "created_at"),
)

# What was posted, for the operator. Refusals of one kind in a row are counted in one row.
call = Table(
    "webhook_call",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("receiver", ForeignKey("webhook_receiver.name", ondelete="CASCADE"), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("last_time", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    Column("webhook_id", String),
    Column("outcome", String, nullable=False),  # accepted | duplicate | ignored | refused
    Column("status", Integer, nullable=False),
    Column("reason", Text),
    Column("instance_id", String),
    Column("bytes", Integer, nullable=False),
    Column("excerpt", Text),
    Index(None, "receiver", "id"),
    Index(None, "last_time"),
    sqlite_autoincrement=True,
)
