"""The tables of what goes out. They share the engine's metadata, so that foreign keys and migrations line up."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from engine.storage.metadata import ExactJson, RowId, UtcDateTime, metadata

# Where events are sent. `url` and the secrets are sealed (see webhooks.outgoing.sealing); `address` is what may be
# shown of the URL. `events` and `processes` are what it wants, [] for all.
endpoint = Table(
    "webhook_endpoint",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("format", String, nullable=False),  # standard | dingtalk | feishu | wecom
    Column("address", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", ExactJson, nullable=False),
    Column("processes", ExactJson, nullable=False),
    Column("language", String, nullable=False),
    Column("secret", Text),
    Column("old_secret", Text),  # signs too
    Column("old_secret_until", UtcDateTime),  # until then
    Column("enabled", Boolean, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("disabled_why", String),  # by_hand | failing | gone
    Column("failing_since", UtcDateTime),  # of failures without a success between them
    Column("failures", Integer, nullable=False),  # in a row
    Column("paused_until", UtcDateTime),
    Column("succeeded_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
)

# An event that at least one endpoint is sent: the outbox. `content` is the CloudEvent as it is sent.
event = Table(
    "webhook_event",
    metadata,
    Column("id", String, primary_key=True),
    Column("type", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("instance_id", String),
    Column("time", UtcDateTime, nullable=False),
    Column("content", Text, nullable=False),
    Column("origin", ExactJson),  # the request that led to it, see engine.correlation
    Index(None, "time"),
)

# An event on its way to an endpoint. Those of one lane go one after the other, in the order of their numbers; `job_id`
# is the job that sends the first of them.
delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("endpoint_id", ForeignKey("webhook_endpoint.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", ForeignKey("webhook_event.id"), nullable=False),
    Column("lane", String, nullable=False),
    Column("status", String, nullable=False),  # pending | delivered | failed
    Column("attempts", Integer, nullable=False),  # in all
    Column("tries", Integer, nullable=False),  # since it was begun or asked for again
    Column("by_hand", Boolean, nullable=False),
    Column("job_id", RowId),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_try_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("error", Text),
    Index(None, "endpoint_id", "status"),
    Index(
        "ix_webhook_delivery_lane",
        "endpoint_id",
        "lane",
        sqlite_where=text("status = 'pending'"),
        postgresql_where=text("status = 'pending'"),
    ),
    Index(None, "event_id"),
    Index(None, "finished_at"),
    sqlite_autoincrement=True,
)

# One try: what was sent and what came back. `request_body` is null where that was the event's content.
attempt = Table(
    "webhook_attempt",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("delivery_id", ForeignKey("webhook_delivery.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("request_headers", ExactJson, nullable=False),
    Column("request_body", Text),
    Column("response_headers", ExactJson),
    Column("response_body", Text),
    Index(None, "delivery_id"),
    sqlite_autoincrement=True,
)
