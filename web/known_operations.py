"""What service tasks may name in this installation: the operations of plans, and requests to other systems."""

from __future__ import annotations

from engine.measuring import Meter
from engine.operations import Operations
from engine.outgoing import Outgoing, OutgoingSettings, http_operations
from plans.operations import OPERATIONS


def known_operations(settings: OutgoingSettings | None = None, meter: Meter | None = None) -> Operations:
    """By name. ``settings`` say where requests may go, ``meter`` measures them."""
    return {**OPERATIONS, **http_operations(Outgoing(settings, meter=meter))}
