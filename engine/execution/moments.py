"""Points in time as designers write them."""

from __future__ import annotations

from datetime import UTC, datetime, time, tzinfo

from engine.execution.faults import WrongValue


def moment(text: str, timezone: tzinfo) -> datetime:
    """A point in time (UTC) from ISO 8601. Without a zone it is local; a date means its first moment."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise WrongValue("A point in time", text) from None
    if len(text) <= len("2027-01-01"):
        parsed = datetime.combine(parsed.date(), time())
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=timezone)
    try:
        return parsed.astimezone(UTC)
    except OverflowError:
        raise WrongValue("A point in time", text) from None
