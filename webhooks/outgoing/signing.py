"""Signatures as Standard Webhooks 1.0 has them, and the secrets they are made with."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from standardwebhooks.webhooks import Webhook

PREFIX = "whsec_"
BYTES = 32


def new_secret() -> str:
    """A fresh secret: 256 random bits (the specification asks for 192 to 512)."""
    return PREFIX + base64.b64encode(secrets.token_bytes(BYTES)).decode("ascii")


def headers(event_id: str, now: datetime, content: str, held: Sequence[str]) -> dict[str, str]:
    """The headers of one attempt, with a signature by each of the secrets."""
    signatures = [Webhook(secret).sign(event_id, now, content) for secret in held]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
