"""Sealing: addresses and secrets of endpoints are encrypted in the database, with a key that lies outside of it.

Whoever has a copy of the database alone can neither sign as this installation nor write to a group's robot.
"""

from __future__ import annotations

from engine import PlanFlowError
from engine.messages import translatable as _
from webhooks import sealing

_PURPOSE = b"planflow webhooks 1\n"


class Unsealable(PlanFlowError):
    """What was sealed with another key cannot be read."""

    status = 500
    code = "unsealable"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The address and secret of this endpoint were stored under another PLANFLOW_SECRET_KEY. "
                "Set that key again, or enter the address anew and rotate the secret."
            )
        )


class Sealer(sealing.Sealer):
    """``key`` is the installation's secret key, of any length."""

    def __init__(self, key: str) -> None:
        super().__init__(key, _PURPOSE, Unsealable)
