"""What can go wrong inside an instance without being anybody's bad input: it becomes an incident."""

from __future__ import annotations

from typing import Any

from engine.errors import PlanFlowError
from engine.messages import translatable

MAX_REASON = 2_000


def tellable(reason: str) -> str:
    """A reason as every database keeps it: without NUL or half characters, and not endless."""
    plain = reason.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return plain if len(plain) <= MAX_REASON else plain[: MAX_REASON - 1] + "…"


class Fault(PlanFlowError):
    """An element could not do its work. The instance keeps an incident that names the element."""

    code = "fault"


class NoWayOut(Fault):
    """No condition held and there is no default flow (BPMN 2.0.2 §10.6.2: a runtime exception)."""

    def __init__(self) -> None:
        super().__init__(translatable("No outgoing condition was true and there is no default flow."))


class TooManySteps(Fault):
    """An instance went round without ever waiting."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            translatable("The process took %(limit)d steps without waiting for anybody or anything."),
            limit=limit,
        )


class WrongValue(Fault):
    """An expression gave a value of a kind that cannot be used in its place."""

    def __init__(self, what: str, value: Any) -> None:
        shown = repr(value)
        super().__init__(
            translatable("%(what)s cannot be %(value)s."),
            what=what,
            value=shown if len(shown) <= 80 else shown[:77] + "…",
        )


class TooOften(WrongValue):
    """A cycle whose rounds follow one another so fast that its timer would leave no time for anything else."""

    def __init__(self, cycle: str) -> None:
        template = translatable("The rounds of “%(cycle)s” are less than a second apart.")
        Fault.__init__(self, template, cycle=cycle)
