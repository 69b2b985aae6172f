"""The operations that service tasks may call, by name. See ``docs/reference/operations.md``."""

from __future__ import annotations

from collections.abc import Mapping

from plans.operations import figures, organisation, planning
from plans.operations.operation import PlanOperation

OPERATIONS: Mapping[str, PlanOperation] = {
    each.name: each for each in (*planning.OPERATIONS, *figures.OPERATIONS, *organisation.OPERATIONS)
}

__all__ = ["OPERATIONS", "PlanOperation"]
