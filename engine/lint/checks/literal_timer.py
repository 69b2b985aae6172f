"""A long deadline, or a date, comes from the process's data or a decision, not out of the diagram.

Deadlines of two weeks and longer are policy as a rule, and change without the flow changing; a date that is written
out passes. Both would ask for a new version of the process. What repeats is a rhythm, and may be written out.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from engine.bpmn.model import Timer
from engine.execution import durations
from engine.execution.faults import WrongValue
from engine.lint.rule import WARNING, Finding, Rule, Subject, about

LONG = timedelta(days=14)
"""From here on a duration is long."""

_SOME_DAY = datetime(2027, 2, 1, tzinfo=UTC)


def _check(subject: Subject) -> Iterator[Finding]:
    for element in subject.elements:
        for timer in (event.timer for event in element.events if event.timer is not None):
            reason = None if timer.text.startswith("=") else _reason(timer)
            if reason is not None:
                yield about(element, reason)


def _reason(timer: Timer) -> str | None:
    if timer.kind == "cycle" or not timer.text:
        return None
    if not timer.text.startswith("P"):
        return f"The date “{timer.text}” is written out: when it has passed, the model has to be changed."
    if _is_long(timer.text):
        return (
            f"“{timer.text}” is a long time to write out: a variable or decision can be changed more easily."
        )
    return None


def _is_long(text: str) -> bool:
    try:
        return durations.parse(text).after(_SOME_DAY, UTC) - _SOME_DAY >= LONG
    except OverflowError:
        return True
    except WrongValue:  # told elsewhere
        return False


RULE = Rule("bpmn.literal-timer", "A long timer that is written out", (WARNING,), _check)
