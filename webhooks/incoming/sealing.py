"""Sealing: secrets of receivers are encrypted in the database, with a key that lies outside of it.

Signatures can only be checked by who has the secret itself, so a hash of it would not do.
"""

from __future__ import annotations

from engine import PlanFlowError
from engine.messages import translatable as _
from webhooks import sealing

_PURPOSE = b"planflow receivers 1\n"


class Unsealable(PlanFlowError):
    """What was sealed with another key cannot be read."""

    status = 500
    code = "unsealable"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The secret of this receiver was stored under another PLANFLOW_SECRET_KEY. Set that key again, or "
                "make a new secret."
            )
        )


class Sealer(sealing.Sealer):
    """``key`` is the installation's secret key, of any length."""

    def __init__(self, key: str) -> None:
        super().__init__(key, _PURPOSE, Unsealable)
