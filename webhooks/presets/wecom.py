"""Group robots of WeCom (企業微信群機器人): plain text; the key in the address is all that protects them."""

from __future__ import annotations

from datetime import datetime

from webhooks.presets.preset import Message, Posted, Preset, Verdict, judged

TOO_OFTEN = frozenset({45009, 45033})
"""More than 20 messages in a minute."""
MOST_BYTES = 2_048


def _post(url: str, secret: str | None, message: Message, now: datetime) -> Posted:  # noqa: ARG001
    return Posted(url, {"msgtype": "text", "text": {"content": _fitting(message)}})


def _fitting(message: Message) -> str:
    """At most so many bytes of UTF-8; the link at the end is kept."""
    end = f"\n{message.url}" if message.url else ""
    text = "\n".join([message.title, *message.lines])
    room = MOST_BYTES - len(end.encode())
    return text.encode()[:room].decode("utf-8", "ignore") + end


def _judge(status: int, body: str) -> Verdict:
    return judged(status, body, "errcode", "errmsg", TOO_OFTEN)


PRESET = Preset("wecom", False, _post, _judge)
