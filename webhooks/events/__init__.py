"""The vocabulary: which events there are, what each says, and how it is written as a CloudEvent."""

from webhooks.events.cloud import as_cloud_event
from webhooks.events.payload import Drafted, drafts
from webhooks.events.types import BY_NAME, TEST, TYPES, EventType, kinds_of, types_of

__all__ = [
    "BY_NAME",
    "TEST",
    "TYPES",
    "Drafted",
    "EventType",
    "as_cloud_event",
    "drafts",
    "kinds_of",
    "types_of",
]
