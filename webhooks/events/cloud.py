"""An event as a CloudEvent 1.0 in JSON, structured mode (CloudEvents §3.1, JSON event format §3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
UNNAMED = "urn:planflow"
"""The source of events of an installation that has no public address."""


def as_cloud_event(
    event_id: str, kind: str, source: str | None, subject: str, time: datetime, data: Mapping[str, Any]
) -> str:
    """The text that is sent, byte for byte the same at each attempt."""
    attributes = {
        "id": event_id,
        "type": kind,
        "source": source or UNNAMED,
        "subject": subject,
        "time": time,
        "datacontenttype": "application/json",
    }
    return JSONFormat().write(CloudEvent(attributes, dict(data))).decode()
