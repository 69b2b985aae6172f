"""Operations: what service tasks may call, registered by name.

A service task names an operation (``planflow:operation="plans.put_in_force"``); it runs inside the command's
transaction, so that its changes and the process's stand or fall together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.directory import Directory


@dataclass(frozen=True)
class OperationContext:
    """Where an operation runs. ``now`` is UTC; ``actor`` is whose command led here, ``starter`` whose process."""

    session: Session
    directory: Directory
    instance_id: str
    process_key: str
    actor: str
    starter: str
    now: datetime


Operation = Callable[[OperationContext, Mapping[str, Any]], Mapping[str, Any]]
"""Takes the context and the task's inputs, returns JSON-like outputs. May raise ``BpmnError`` or ``Invalid``."""

Operations = Mapping[str, Operation]
