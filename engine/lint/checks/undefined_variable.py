"""What an expression reads by name can have a value: something in the process sets it, or it is given at the start.

A name that is nowhere fails the expression as soon as it is asked, whatever else stands in it; ``var("name", default)``
asks without failing. Names are only known where nothing can set others: every task of people has a form, and messages
map what they bring. Without a start form, whoever starts the process may give it anything, and it is merely doubtful.

A timer or condition that starts a process is asked before there are any variables.
"""

from collections.abc import Iterator

from engine.bpmn.expressions import expressions
from engine.bpmn.model import Element, Process
from engine.lint.rule import ERROR, WARNING, Finding, Rule, Subject
from engine.lint.variables import known_variables

_CLOCK = frozenset({"now", "today"})
"""All that is there before a process has begun, besides data stores."""


def _check(subject: Subject) -> Iterator[Finding]:
    for process in subject.processes:
        yield from _before_all(process, subject)
        known = known_variables(process, subject)
        if known.complete or known.given:
            yield from _unknown(process, subject, known.names, only_given=known.given)


def _before_all(process: Process, subject: Subject) -> Iterator[Finding]:
    for element, source, there in _asked_before_all(process):
        for variable in sorted(subject.sources.read_by(source) - there):
            reason = f"Before the process has begun there is no “{variable}”."
            yield Finding(element.id, element.name, reason)


def _asked_before_all(process: Process) -> Iterator[tuple[Element, str, frozenset[str]]]:
    """What says when a process starts, and all that it can see: the time, and of a condition the data stores."""
    for element, _number, event in process.event_starts():
        if event.condition is not None:
            yield element, event.condition, _CLOCK | process.stores
        elif event.timer is not None and event.timer.text.startswith("="):
            yield element, event.timer.text[1:], _CLOCK


def _unknown(
    process: Process, subject: Subject, known: frozenset[str], only_given: bool
) -> Iterator[Finding]:
    elsewhere, facts = _read_elsewhere(process), _facts(process)
    told: set[str] = set()
    for element, name, source, kind in expressions(process):
        if (element, source) in elsewhere:
            continue
        for variable in sorted(subject.sources.read_by(source, kind) - known):
            if only_given and variable not in told:
                reason = f"Nothing here sets “{variable}”: whoever starts the process must give it."
                yield Finding(element, name, reason, WARNING)
            elif not only_given:
                severity = WARNING if (element, source) in facts else ERROR
                reason = f"Nothing in the process sets “{variable}”, which is read here."
                yield Finding(element, name, reason, severity)
            told.add(variable)


def _read_elsewhere(process: Process) -> set[tuple[str, str]]:
    """Expressions over something other than the variables of this process."""
    found = {
        (process.id, process.options.get(option, "").removeprefix("=")) for option in ("startValues", "title")
    }
    for each in process.correlation:
        found |= {(process.id, path) for path in each.paths.values()}
    found |= {(element.id, source) for element, source, _there in _asked_before_all(process)}
    for element in process.elements:
        if element.kind == "callActivity":
            found |= {(element.id, mapped.value.removeprefix("=")) for mapped in element.outputs}
    return found


def _facts(process: Process) -> set[tuple[str, str]]:
    """A fact that fails says so in its place, and the task can be done all the same."""
    return {(e.id, fact.value.removeprefix("=")) for e in process.elements for fact in e.facts}


RULE = Rule("bpmn.undefined-variable", "A variable that nothing sets", (ERROR, WARNING), _check)
