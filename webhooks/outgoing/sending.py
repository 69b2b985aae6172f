"""One attempt: the request is made, sent, and its answer judged, outside of any transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from engine.outgoing import Answer, Outgoing, OutgoingError
from webhooks.events.cloud import CONTENT_TYPE
from webhooks.outgoing import signing
from webhooks.outgoing.sealing import Sealer, Unsealable
from webhooks.outgoing.wording import Say, message_of
from webhooks.presets import PRESETS, Verdict

TIMEOUT = 15.0
"""Seconds that a receiver has to answer; it is to answer first, and to work afterwards."""
LONGEST_BODY = 4_000
"""Characters of an answer that are kept."""
LONGEST_HEADERS = 4_000
GONE = 410
_SIGNED = "webhook-signature"
_NAMES_KEPT = 50


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt, as JSON can carry it. ``wait`` are seconds that the receiver asked for."""

    ok: bool
    seconds: float
    status: int | None
    error: str | None
    wait: float | None
    gone: bool
    request_headers: Mapping[str, str]
    request_body: str | None
    response_headers: Mapping[str, str] | None
    response_body: str | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class _Request:
    url: str
    headers: dict[str, str]
    content: str
    own_body: bool


_NOTHING = _Request("", {}, "", False)
"""Where not even a request could be made."""


class Sender:
    """``say`` translates for robots, and ``zone`` is where their readers are."""

    def __init__(self, outgoing: Outgoing, sealer: Sealer, say: Say, zone: ZoneInfo) -> None:
        self._outgoing = outgoing
        self._sealer = sealer
        self._say = say
        self._zone = zone

    def send(self, endpoint: Any, event: Any, now: datetime, seconds: float) -> Outcome:
        """Send an event (both are rows) within so many seconds. Whatever comes of it is an outcome."""
        begun, request = monotonic(), _NOTHING
        try:
            request = self._request(endpoint, event, now)
            answer = self._outgoing.post(
                request.url, request.content.encode(), request.headers, min(seconds, TIMEOUT)
            )
        except (OutgoingError, Unsealable) as error:
            verdict = Verdict(False, str(error), _seconds(getattr(error, "retry_after", None)))
            return _outcome(request, None, verdict, monotonic() - begun)
        verdict = self._judge(endpoint.format, answer, now)
        return _outcome(request, answer, verdict, answer.seconds)

    def _request(self, endpoint: Any, event: Any, now: datetime) -> _Request:
        url = self._sealer.unseal(endpoint.url)
        preset = PRESETS.get(endpoint.format)
        if preset is None:
            signed = signing.headers(event.id, now, event.content, self._secrets(endpoint, now))
            return _Request(url, {"content-type": CONTENT_TYPE, **signed}, event.content, False)
        data = json.loads(event.content)["data"]
        message = message_of(event.type, data, endpoint.language, self._say, self._zone)
        secret = None if endpoint.secret is None else self._sealer.unseal(endpoint.secret)
        posted = preset.post(url, secret, message, now)
        return _Request(posted.url, {"content-type": "application/json; charset=utf-8"}, posted.content, True)

    def _secrets(self, endpoint: Any, now: datetime) -> list[str]:
        held = [endpoint.secret]
        if endpoint.old_secret is not None and endpoint.old_secret_until > now:
            held.append(endpoint.old_secret)
        return [self._sealer.unseal(each) for each in held]

    def _judge(self, form: str, answer: Answer, now: datetime) -> Verdict:
        asked = _seconds(answer.retry_after(now))
        preset = PRESETS.get(form)
        if preset is None:
            return Verdict(True) if answer.ok else Verdict(False, f"HTTP {answer.status}", asked)
        verdict = preset.judge(answer.status, answer.text)
        wait = max(filter(None, (verdict.wait, asked)), default=None)
        return Verdict(verdict.ok, verdict.error, wait)


def _seconds(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(seconds=number)


def _outcome(request: _Request, answer: Answer | None, verdict: Verdict, seconds: float) -> Outcome:
    return Outcome(
        ok=verdict.ok,
        seconds=round(seconds, 3),
        status=None if answer is None else answer.status,
        error=None if verdict.error is None else _storable(verdict.error),
        wait=None if verdict.wait is None else verdict.wait.total_seconds(),
        gone=answer is not None and answer.status == GONE,
        request_headers={
            name: "v1,…" if name == _SIGNED else value for name, value in request.headers.items()
        },
        request_body=_without_signature(request.content) if request.own_body else None,
        response_headers=None if answer is None else _bounded(answer.headers),
        response_body=None if answer is None else answer.text[:LONGEST_BODY],
    )


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL, and no UTF-8 has half a surrogate pair; a robot's JSON may have both."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _without_signature(content: str) -> str:
    body = json.loads(content)
    if "sign" in body:
        body["sign"] = "…"
    return json.dumps(body, ensure_ascii=False)


def _bounded(headers: Mapping[str, str]) -> dict[str, str]:
    """Response headers as far as they are kept; what cannot be stored is replaced."""
    kept: dict[str, str] = {}
    room = LONGEST_HEADERS
    for name, value in list(headers.items())[:_NAMES_KEPT]:
        text = _storable(value[:room])
        kept[name[:200]] = text
        room -= len(name) + len(text)
        if room <= 0:
            break
    return kept
