"""What another system answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 86_400.0
"""Seconds. Whoever asks for more is asked again after a day."""
EXCERPT = 2_000
_RETRIED = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Answer:
    """``headers`` by name in lower case, several of one name with commas between, cookies left out.

    ``body`` is as it came; ``cut`` says that there was more of it than is read. ``seconds``: from beginning to end.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    seconds: float
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Whether it was a success. A redirect is none: it is never followed."""
        return 200 <= self.status <= 299

    @property
    def retried(self) -> bool:
        """Whether the same request may do better later: 408, 425, 429 and all of 5xx."""
        return self.status in _RETRIED or self.status >= 500

    @property
    def text(self) -> str:
        """The body as text, in the charset that it names; what cannot be read is replaced."""
        charset = _parameter(self.headers.get("content-type", ""), "charset") or "utf-8"
        try:
            text = self.body.decode(charset, "replace")
        except (LookupError, ValueError):
            text = self.body.decode("utf-8", "replace")
        return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()

    @property
    def excerpt(self) -> str:
        """The beginning of the text, for people."""
        return self.text[:EXCERPT]

    def retry_after(self, now: datetime | None = None) -> float | None:
        """Seconds to wait, if the answer says so (RFC 9110 §10.2.3), from 0 to a day."""
        said = self.headers.get("retry-after", "").strip()
        seconds = _seconds(said, now or datetime.now(UTC))
        return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)


def _seconds(said: str, now: datetime) -> float | None:
    if said.isascii() and said.isdigit():
        return float(said[:12])
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def _parameter(header: str, name: str) -> str | None:
    for part in header.split(";")[1:]:
        key, _equals, value = part.partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"')
    return None
