"""Group robots of DingTalk (釘釘群機器人): plain text, signed in the query of the address (加簽)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote_plus

from webhooks.presets.preset import Message, Posted, Preset, Verdict, judged

TOO_OFTEN = frozenset({130101, 410100})
"""More than 20 messages in a minute, or too many for now."""


def sign(secret: str, timestamp: int) -> str:
    """HMAC-SHA256 with the secret as key over ``timestamp\\nsecret``, in Base64, for a query. Milliseconds."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return quote_plus(base64.b64encode(digest))


def _post(url: str, secret: str | None, message: Message, now: datetime) -> Posted:
    if secret is not None:
        timestamp = round(now.timestamp() * 1000)
        url += f"{'&' if '?' in url else '?'}timestamp={timestamp}&sign={sign(secret, timestamp)}"
    return Posted(url, {"msgtype": "text", "text": {"content": message.text}})


def _judge(status: int, body: str) -> Verdict:
    return judged(status, body, "errcode", "errmsg", TOO_OFTEN)


PRESET = Preset("dingtalk", True, _post, _judge)
