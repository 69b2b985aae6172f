"""Who has sent a call: Standard Webhooks 1.0, GitHub's signature, or a bearer token.

A receiver that is not there, one that is switched off and a wrong signature all get the same answer. Signatures and
tokens are compared in constant time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from standardwebhooks.webhooks import Webhook

from engine import Invalid, PlanFlowError
from engine.messages import translatable as _
from webhooks.incoming.receiver import GITHUB, STANDARD, Draft

WINDOW = timedelta(minutes=5)
"""How far a signed time may lie from now, either way."""
MOST_SIGNATURES = 16
WEBHOOK_ID = re.compile(r"[\x21-\x7e]{1,200}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_STANDARD_SECRET = "whsec_"  # noqa: S105  how such a secret begins
BYTES = 32


@dataclass(frozen=True)
class Call:
    """What was posted. ``headers`` by their names in lower case; ``body`` is None when it was over the limit."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None
    content_type: str = "application/json"


class NotAccepted(PlanFlowError):
    """The caller is not known. ``reason`` is for the operator alone."""

    status = 401
    code = "not_accepted"

    def __init__(self, reason: str = "") -> None:
        super().__init__(
            _("This call was not accepted: nobody here expects it, or its signature is not right.")
        )
        self.reason = reason


NO_SIGNATURE = _("The signature is missing.")
WRONG_SIGNATURE = _("The signature is wrong.")
NO_TOKEN = _("The bearer token is missing.")
WRONG_TOKEN = _("The bearer token is wrong.")
NO_ID = _("The header webhook-id is missing, or is not 1 to 200 visible ASCII characters.")
NO_TIME = _("The header webhook-timestamp is missing, or is not a number of seconds.")
TOO_OLD = _("It was signed more than five minutes ago.")
TOO_NEW = _("It was signed more than five minutes in the future; one of the two clocks is wrong.")


def new_secret(authentication: str) -> str:
    """A fresh secret: 256 random bits, as the sender's system wants it written."""
    if authentication == STANDARD:
        return _STANDARD_SECRET + base64.b64encode(secrets.token_bytes(BYTES)).decode("ascii")
    return secrets.token_urlsafe(BYTES)


def authenticate(draft: Draft, call: Call, held: Sequence[str], now: datetime) -> str | None:
    """The id by which the sender tells this call from others, if it gives one.

    Raises NotAccepted; Invalid for an id that cannot be kept, from a sender who is known.
    """
    body = call.body or b""
    if draft.authentication == STANDARD:
        return _standard(call.headers, body, held, now)
    if draft.authentication == GITHUB:
        _github(call.headers, body, held)
        return _checked_id(call.headers.get("x-github-delivery"))
    _bearer(call.headers, held)
    named = call.headers.get(draft.id_header.lower()) if draft.id_header else None
    return _checked_id(named or call.headers.get("webhook-id"))


def _standard(headers: Mapping[str, str], body: bytes, held: Sequence[str], now: datetime) -> str:
    webhook_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not WEBHOOK_ID.fullmatch(webhook_id):
        raise NotAccepted(NO_ID)
    if not _SECONDS.fullmatch(stamp):
        raise NotAccepted(NO_TIME)
    offered = _offered(headers.get("webhook-signature", ""))
    if not offered:
        raise NotAccepted(NO_SIGNATURE)
    signed_at = datetime.fromtimestamp(min(int(stamp), _LAST), UTC)
    text = body.decode("utf-8", "replace")
    wanted = [_signature(Webhook(secret).sign(webhook_id, signed_at, text)) for secret in held]
    if not _any_equal(wanted, offered):
        raise NotAccepted(WRONG_SIGNATURE)
    if signed_at < now - WINDOW:
        raise NotAccepted(TOO_OLD)
    if signed_at > now + WINDOW:
        raise NotAccepted(TOO_NEW)
    return webhook_id


_LAST = 253_402_300_799  # the last second of year 9999


def _offered(header: str) -> list[bytes]:
    """The signatures of version 1 in a header; others are left alone, as the specification says."""
    found = []
    for each in header.split(" ")[:MOST_SIGNATURES]:
        version, _comma, written = each.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(written, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found


def _signature(signed: str) -> bytes:
    return base64.b64decode(signed.partition(",")[2])


def _github(headers: Mapping[str, str], body: bytes, held: Sequence[str]) -> None:
    kind, _sign, written = headers.get("x-hub-signature-256", "").partition("=")
    if kind != "sha256" or not written:
        raise NotAccepted(NO_SIGNATURE)
    wanted = [hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode() for secret in held]
    if not _any_equal(wanted, [written.lower().encode("utf-8", "replace")]):
        raise NotAccepted(WRONG_SIGNATURE)


def _bearer(headers: Mapping[str, str], held: Sequence[str]) -> None:
    kind, _space, token = headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise NotAccepted(NO_TOKEN)
    offered = hashlib.sha256(token.strip().encode("utf-8", "replace")).digest()
    if not _any_equal([hashlib.sha256(secret.encode()).digest() for secret in held], [offered]):
        raise NotAccepted(WRONG_TOKEN)


def _any_equal(wanted: Sequence[bytes], offered: Sequence[bytes]) -> bool:
    """Whether any of these is one of those; every pair is compared, whatever was found before."""
    found = False
    for one in wanted:
        for other in offered:
            found |= hmac.compare_digest(one, other)
    return found


def _checked_id(text: str | None) -> str | None:
    if text is None:
        return None
    if not WEBHOOK_ID.fullmatch(text):
        raise Invalid(_("The id of a call is 1 to 200 visible ASCII characters."))
    return text
