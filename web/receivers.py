"""Receivers wired to the rest: what they may do, how they read JSON, and with which key their secrets are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.engine import Engine
from plans.organisation import ROLES
from plans.readings import take_readings
from web import json_body
from web.settings import Settings
from webhooks.incoming import Action, Management, Receivers, Sealer

ACTIONS: Mapping[str, Action] = {"readings": take_readings}
"""What receivers may do beside messages and starts."""


@dataclass(frozen=True)
class Incoming:
    """``receivers`` take what is posted, ``management`` keeps what they are."""

    receivers: Receivers
    management: Management


def incoming_of(settings: Settings, engine: Engine) -> Incoming:
    """The receivers of an installation."""
    sealer = Sealer(settings.secret_key)
    receivers = Receivers(engine, sealer, json_body.parse, ACTIONS, settings.message_ttl)
    return Incoming(receivers, Management(engine, sealer, ACTIONS, ROLES))
