"""Group robots of Feishu and Lark (飛書自訂機器人): a post, signed in its body.

A post, and no plain text: in that a title could mention everybody.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from webhooks.presets.preset import Message, Posted, Preset, Verdict, judged

TOO_OFTEN = frozenset({9499, 11232, 11233})
"""More than 5 messages in a second or 100 in a minute."""


def sign(secret: str, timestamp: int) -> str:
    """HMAC-SHA256 with ``timestamp\\nsecret`` as key over nothing, in Base64. Seconds."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode("ascii")


def _post(url: str, secret: str | None, message: Message, now: datetime) -> Posted:
    lines: list[list[dict[str, str]]] = [[{"tag": "text", "text": line}] for line in message.lines]
    if message.url is not None:
        lines.append([{"tag": "a", "text": message.url_text, "href": message.url}])
    content = {"post": {"zh_cn": {"title": message.title, "content": lines}}}
    body: dict[str, Any] = {"msg_type": "post", "content": content}
    if secret is not None:
        timestamp = int(now.timestamp())
        body = {"timestamp": str(timestamp), "sign": sign(secret, timestamp), **body}
    return Posted(url, body)


def _judge(status: int, body: str) -> Verdict:
    return judged(status, body, "code", "msg", TOO_OFTEN)


PRESET = Preset("feishu", True, _post, _judge)
