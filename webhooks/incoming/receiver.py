"""A receiver: who may post to ``/hooks/{name}``, and what that does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from engine import Actor

STANDARD, GITHUB, BEARER = "standard", "github", "bearer"
AUTHENTICATIONS = (STANDARD, GITHUB, BEARER)
"""Standard Webhooks 1.0; ``X-Hub-Signature-256`` as GitHub has it; ``Authorization: Bearer``."""
MESSAGE, START = "message", "start"
"""What every installation can do with a call. Other rooms hand in actions of their own."""


@dataclass(frozen=True)
class Draft:
    """What an administrator says of a receiver.

    ``action`` is ``message``, ``start`` or the name of an action that was handed in; ``target`` the name of the message
    or the key of the process. ``variables``, ``correlation``, ``business_key`` and ``only_when`` are Starlark
    expressions over ``body`` (the JSON that was posted) and ``headers`` (in lower case); "" for none. ``schema`` is a
    JSON Schema (2020-12) of the body, ``time_to_live`` how long a message is kept (ISO 8601; None as everywhere else).
    ``groups`` are those in which the receiver acts, beside ``integration``. ``id_header`` names the header by which a
    sender that cannot sign tells its calls apart.
    """

    authentication: str = STANDARD
    action: str = MESSAGE
    target: str = ""
    correlation: str = ""
    variables: str = ""
    business_key: str = ""
    only_when: str = ""
    schema: Mapping[str, Any] | None = None
    time_to_live: str | None = None
    groups: tuple[str, ...] = ()
    id_header: str = ""
    enabled: bool = True

    def as_json(self) -> dict[str, Any]:
        """As the row keeps it."""
        return {**asdict(self), "groups": list(self.groups)}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Draft:
        """From what the row keeps."""
        return cls(**{**stored, "groups": tuple(stored["groups"])})


@dataclass(frozen=True)
class Receiver:
    """A receiver as it stands in the database; the secrets are sealed. Times are UTC."""

    name: str
    draft: Draft
    secret: str
    old_secret: str | None
    old_secret_until: datetime | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int

    @property
    def actor(self) -> Actor:
        """As whom it acts. No person's name has a colon."""
        user = f"hook:{self.name}"
        return Actor(user, frozenset({"integration", *self.draft.groups}), user)

    def sealed_secrets(self, now: datetime) -> tuple[str, ...]:
        """Those that are accepted now, the newest first."""
        if self.old_secret is None or self.old_secret_until is None or self.old_secret_until <= now:
            return (self.secret,)
        return (self.secret, self.old_secret)
