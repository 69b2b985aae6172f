"""Everything that leaves the machine by HTTP: where it may go, how long it may take, and what it carries."""

from engine.outgoing.allowing import AllowList
from engine.outgoing.answer import Answer
from engine.outgoing.client import Outgoing
from engine.outgoing.errors import (
    AddressRefused,
    BrokenOff,
    CannotConnect,
    OutgoingError,
    OversizedAnswer,
    OversizedRequest,
    TimedOut,
    TlsFailed,
    Unavailable,
    UnreadableAnswer,
    WrongRequest,
)
from engine.outgoing.operations import http_operations
from engine.outgoing.request import http_request
from engine.outgoing.secrets import Secret, Secrets
from engine.outgoing.settings import OutgoingSettings, read_ports

__all__ = [
    "AddressRefused",
    "AllowList",
    "Answer",
    "BrokenOff",
    "CannotConnect",
    "Outgoing",
    "OutgoingError",
    "OutgoingSettings",
    "OversizedAnswer",
    "OversizedRequest",
    "Secret",
    "Secrets",
    "TimedOut",
    "TlsFailed",
    "Unavailable",
    "UnreadableAnswer",
    "WrongRequest",
    "http_operations",
    "http_request",
    "read_ports",
]
