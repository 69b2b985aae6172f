"""Working days are counted with a calendar that knows the days to come.

Public holidays, and the days that are worked for them, are announced for a year at a time. Until an update of the
calendar has them, working days in that year may be counted a few days wrong.
"""

from collections.abc import Iterator

from engine.bpmn.expressions import expressions
from engine.lint.rule import WARNING, Finding, Rule, Subject


def _check(subject: Subject) -> Iterator[Finding]:
    country, years = subject.sources.unknown_years()
    if not years:
        return
    which = ", ".join(map(str, years))
    reason = f"Working days are counted here, and the calendar “{country}” does not know {which} yet."
    for process in subject.processes:
        counting = {
            (element, name)
            for element, name, source, kind in expressions(process)
            if subject.sources.counts_days(source, kind)
        }
        for element, name in sorted(counting, key=lambda found: found[0]):
            yield Finding(element, name, reason)


RULE = Rule("bpmn.unknown-year", "Working days of a year that the calendar does not know", (WARNING,), _check)
