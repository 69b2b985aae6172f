"""How long a message from outside is kept for somebody who begins to wait: an ISO 8601 duration."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from engine.errors import FieldProblem, Invalid
from engine.execution import durations
from engine.execution.faults import WrongValue
from engine.messages import translatable as _

LONGEST = timedelta(days=366)
NOT_AT_ALL = frozenset({"PT0S", "PT0M", "PT0H", "P0D"})


def expiry(now: datetime, time_to_live: str | None, timezone: tzinfo) -> datetime | None:
    """When a message is thrown away that comes now; None when it is not kept at all, as ``PT0S`` says.

    Raises Invalid, with the field ``time_to_live``, for a text that is no duration, or one of more than 366 days.
    """
    if time_to_live is None or time_to_live in NOT_AT_ALL:
        return None
    try:
        end = durations.parse(time_to_live).after(now, timezone)
    except (WrongValue, OverflowError):
        end = None
    if end is None or end - now > LONGEST:
        problem = FieldProblem(
            "time_to_live", _("Write an ISO 8601 duration such as PT1H or P2D, of 366 days at most.")
        )
        raise Invalid(_("The message cannot be kept so long."), [problem])
    return end
