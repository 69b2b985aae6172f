"""Dates and times as form-js's ``datetime`` writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_ZONE = r"(?:Z|[+-][0-9]{2}:[0-9]{2})"


def moment_pattern(properties: Mapping[str, Any]) -> str:
    """The regular expression of a value, by ``subtype`` and ``timeSerializingFormat``."""
    subtype = properties.get("subtype", "date")
    if subtype == "date":
        return f"^{_DATE}$"
    zone = "" if properties.get("timeSerializingFormat") == "no_timezone" else f"{_ZONE}?"
    return f"^{_TIME}{zone}$" if subtype == "time" else f"^{_DATE}T{_TIME}{zone}$"


def is_moment(value: str, properties: Mapping[str, Any]) -> bool:
    """Whether ``value`` has the right form and names a day and a time that exist."""
    if not re.fullmatch(moment_pattern(properties)[1:-1], value):
        return False
    subtype = properties.get("subtype", "date")
    try:
        if subtype != "time":
            date.fromisoformat(value[:10])
        if subtype != "date":
            time.fromisoformat(value.rpartition("T")[2])
    except ValueError:
        return False
    return True
