"""An endpoint as people see it, and what they may choose of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from engine import FieldProblem, Invalid
from engine.messages import translatable as _
from engine.outgoing import Outgoing, OutgoingError
from webhooks.events import BY_NAME
from webhooks.presets import PRESETS

STANDARD = "standard"
FORMATS = (STANDARD, *PRESETS)
LANGUAGES = ("en", "zh_Hant", "zh_Hans")
LONGEST_NAME = 100
LONGEST_SECRET = 200
MOST = 100
"""Endpoints of an installation: each is looked at with every command that it wants to hear of."""
HIDDEN = "…"


@dataclass(frozen=True)
class Endpoint:
    """Where events are sent. ``events`` and ``processes`` are what it wants, all where none is named.

    ``address`` is as much of the URL as may be shown. ``disabled_why``: ``by_hand``, ``failing`` for too long, or
    ``gone`` as it said itself (410). ``failing_since``: since when nothing has arrived there.
    """

    id: str
    name: str
    format: str
    address: str
    events: Sequence[str]
    processes: Sequence[str]
    language: str
    enabled: bool
    disabled_at: datetime | None
    disabled_why: str | None
    failing_since: datetime | None
    failures: int
    succeeded_at: datetime | None
    has_secret: bool
    old_secret_until: datetime | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    revision: int


@dataclass(frozen=True)
class Chosen:
    """What somebody wants an endpoint to be. ``url`` and ``secret`` None: as they are."""

    name: str
    format: str
    url: str | None
    events: Sequence[str] = ()
    processes: Sequence[str] = ()
    language: str = "en"
    secret: str | None = None


def check(chosen: Chosen, outgoing: Outgoing, processes: Collection[str], new: bool) -> None:
    """Raise Invalid, by field, for what an endpoint cannot be. ``processes`` are those that there are."""
    problems = [*_problems(chosen, processes), *_address_problems(chosen, outgoing, new)]
    if problems:
        raise Invalid(_("Some fields are not right."), problems)


def _problems(chosen: Chosen, processes: Collection[str]) -> list[FieldProblem]:
    problems = []
    if not 0 < len(chosen.name.strip()) <= LONGEST_NAME or not chosen.name.isprintable():
        problems.append(FieldProblem("name", _("Write 1 to %(limit)d characters."), {"limit": LONGEST_NAME}))
    if chosen.format not in FORMATS:
        problems.append(_one_of("format", FORMATS))
    if chosen.language not in LANGUAGES:
        problems.append(_one_of("language", LANGUAGES))
    problems += _unknown("events", chosen.events, BY_NAME, _("There is no such event: %(name)s."))
    problems += _unknown("processes", chosen.processes, processes, _("There is no such process: %(name)s."))
    if chosen.secret is not None:
        problems += _secret_problems(chosen)
    return problems


def _unknown(field: str, named: Sequence[str], known: Collection[str], template: str) -> list[FieldProblem]:
    return [FieldProblem(field, template, {"name": name[:100]}) for name in named if name not in known]


def _one_of(field: str, known: Sequence[str]) -> FieldProblem:
    return FieldProblem(field, _("One of %(known)s is needed."), {"known": ", ".join(known)})


def _secret_problems(chosen: Chosen) -> list[FieldProblem]:
    preset = PRESETS.get(chosen.format)
    if preset is None:
        return [FieldProblem("secret", _("The secret of a standard endpoint is made here; leave this out."))]
    if not preset.signs:
        return [FieldProblem("secret", _("Robots of this kind have no secret beside their address."))]
    text = chosen.secret or ""
    if not 0 < len(text) <= LONGEST_SECRET or not text.isascii() or not text.isprintable():
        return [FieldProblem("secret", _("Copy the secret as the robot's page shows it."))]
    return []


def _address_problems(chosen: Chosen, outgoing: Outgoing, new: bool) -> list[FieldProblem]:
    if chosen.url is None:
        return [FieldProblem("url", _("This field is required."))] if new else []
    try:
        outgoing.judge(chosen.url)
    except OutgoingError as error:
        return [FieldProblem("url", error.template, error.params)]
    return []


def shown(url: str, form: str) -> str:
    """As much of an address as may be shown: what its query holds may be a key, and so may a robot's last part."""
    parts = urlsplit(url)
    path = parts.path
    if form in PRESETS and path.strip("/"):
        path = f"{path.rstrip('/').rpartition('/')[0]}/{HIDDEN}"
    return f"{parts.scheme}://{parts.netloc}{path}" + (f"?{HIDDEN}" if parts.query else "")


def endpoint_of(row: Mapping[Any, Any]) -> Endpoint:
    """The endpoint of a row of the table."""
    held = {name: row[name] for name in Endpoint.__annotations__ if name in row}
    return Endpoint(**{**held, "has_secret": row["secret"] is not None})
