"""Where requests may go, and what they may take."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from engine.outgoing.allowing import AllowList
from engine.outgoing.secrets import Secrets

Ports = tuple[range, ...]

HIGHEST_PORT = 65_535
WEB_PORTS: Ports = (range(80, 81), range(443, 444), range(1024, HIGHEST_PORT + 1))
"""What is below belongs to other services, such as mail and remote logins, that must not be spoken to in HTTP."""


def read_ports(text: str) -> Ports:
    """Read ``80, 443, 8000-8999``. Raises ValueError naming what cannot be read."""
    return tuple(_ports(part.strip()) for part in text.split(",") if part.strip())


def _ports(text: str) -> range:
    first, dash, last = text.partition("-")
    ends = (first, last) if dash else (first, first)
    if not all(end.isascii() and end.isdigit() and 0 < int(end[:6]) <= HIGHEST_PORT for end in ends):
        raise ValueError(f"{text}: write ports such as 443 or 8000-8999")
    found = range(int(ends[0]), int(ends[1]) + 1)
    if not found:
        raise ValueError(f"{text}: the first port is the lower one")
    return found


@dataclass(frozen=True)
class OutgoingSettings:
    """Times are seconds, sizes bytes."""

    allowed: AllowList = field(default_factory=AllowList)
    """Addresses that are not public and may be reached all the same."""
    ports: Ports = WEB_PORTS
    authorities: Path | None = None
    """A PEM file of certificate authorities that are trusted beside the usual ones."""
    connect_seconds: float = 5.0
    """To look the name up and to connect, TLS included."""
    read_seconds: float = 10.0
    """Between two pieces of an answer."""
    total_seconds: float = 30.0
    """All of it."""
    request_bytes: int = 1 << 20
    answer_bytes: int = 1 << 20
    header_bytes: int = 32 << 10
    """All headers of a request, and all of an answer."""
    secrets: Secrets = field(default_factory=Secrets, repr=False)
    """What designers may name in headers without knowing it."""
