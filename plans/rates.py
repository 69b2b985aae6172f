"""The quantitative method of policy K7: achievement, growth and deviation rates, and the status of K3.

All rates are in percent, rounded to two places. A rate that would divide by zero, or lacks a figure, is None.
"""

from __future__ import annotations

from typing import Any

HIGHER, LOWER = "higher", "lower"
NEAR = 0.1
"""How much of the way from warning to target still counts as near the warning value."""


def achievement_rate(actual: float | None, target: float | None, direction: str = HIGHER) -> float | None:
    """Achievement rate (達成率): how much of the target was reached; 100 is exactly the target.

    Higher is better: ``actual / target * 100``. Lower is better: ``(2 - actual / target) * 100``, so that
    a cost of 90 against a target of 100 achieves 110, and one of 110 achieves 90.
    """
    if actual is None or target is None or target == 0:
        return None
    share = actual / target
    return round((2 - share if direction == LOWER else share) * 100, 2)


def growth_rate(actual: float | None, previous: float | None) -> float | None:
    """Growth rate (增長率) against the earlier period: ``(actual - previous) / |previous| * 100``."""
    if actual is None or previous is None or previous == 0:
        return None
    return round((actual - previous) / abs(previous) * 100, 2)


def deviation_rate(actual: float | None, target: float | None) -> float | None:
    """Deviation rate (偏差率) from the target: ``(actual - target) / |target| * 100``.

    Above the target is positive whichever direction is the better one; the status says whether it is bad.
    """
    if actual is None or target is None or target == 0:
        return None
    return round((actual - target) / abs(target) * 100, 2)


def status(
    actual: float | None, target: float | None, warning: float | None = None, direction: str = HIGHER
) -> str:
    """Where an indicator stands (policy K3).

    ``no_data``: no reading, or no target to hold it against. ``on_target``: the target value is reached.
    ``warning``: near, at or beyond the warning value; near is the tenth of the way to the target next to it.
    ``below_target``: neither.
    """
    if actual is None or target is None:
        return "no_data"
    sign = -1 if direction == LOWER else 1
    if sign * actual >= sign * target:
        return "on_target"
    if warning is not None and sign * actual <= sign * (warning + NEAR * (target - warning)):
        return "warning"
    return "below_target"


def direction_of(target: float | None, warning: float | None, baseline: float | None = None) -> str:
    """The better direction, told from where the warning value (or else the baseline) lies."""
    bound = warning if warning is not None else baseline
    return LOWER if target is not None and bound is not None and bound > target else HIGHER


def plain(value: Any) -> Any:
    """A figure as people write it: whole numbers without a decimal point. Anything else is left as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
