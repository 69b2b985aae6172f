"""Every expression and script in a process, for checks that need no run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from engine.bpmn.model import Element, Process, Scope, walk

Found = tuple[str, str | None, str, Literal["expression", "script"]]
"""Element id, element name, source, and what it is."""

MAY_BE_EXPRESSIONS = ("assignee", "candidateUsers", "candidateGroups", "dueDate", "priority", "correlation")


def expressions(process: Process) -> Iterator[Found]:
    """All Starlark sources of a process with the element that a designer finds them at."""
    for option in ("title", "startValues"):
        text = process.options.get(option, "")
        if text.startswith("="):
            yield process.id, process.name, text[1:], "expression"
    scopes = [process.scope, *process.global_tasks.values()]
    scopes += [e.scope for scope in scopes for e in walk(scope) if e.scope is not None]
    for scope in scopes:
        yield from _conditions(scope)
        for element in scope.elements.values():
            if element.script:
                yield element.id, element.name, element.script, "script"
            for source in _of_element(element):
                yield element.id, element.name, source, "expression"
    for each in process.correlation:
        for path in filter(None, (*each.paths.values(), each.binding)):
            yield process.id, process.name, path, "expression"


def _conditions(scope: Scope) -> Iterator[Found]:
    for flow in scope.flows.values():
        if flow.condition is not None:
            yield flow.id, flow.name, flow.condition, "expression"


def _of_element(element: Element) -> Iterator[str]:
    texts = [element.options.get(name) for name in MAY_BE_EXPRESSIONS]
    texts += [m.value for m in (*element.inputs, *element.outputs, *element.facts)]
    texts += [event.timer.text for event in element.events if event.timer is not None]
    texts += _repeated(element)
    for text in texts:
        if text is not None and text.startswith("="):
            yield text[1:]
    yield from filter(None, _always(element))


def _repeated(element: Element) -> list[str | None]:
    """What a multi-instance or ad-hoc activity may hold as a literal or as an expression."""
    loop, ad_hoc = element.multi_instance, element.ad_hoc
    found = [] if loop is None else [loop.collection, loop.output_element]
    return found if ad_hoc is None else [*found, ad_hoc.activities]


def _always(element: Element) -> Iterator[str | None]:
    """What is an expression without a leading “=”."""
    loop = element.multi_instance
    yield element.activation_condition
    yield from (event.condition for event in element.events)
    if loop is not None:
        yield loop.cardinality
        yield loop.completion_condition
        yield from (behavior.condition for behavior in loop.behaviors)
    if element.loop is not None:
        yield element.loop.condition
    if element.ad_hoc is not None:
        yield element.ad_hoc.completion_condition
    for association in (*element.data.reads, *element.data.writes):
        yield association.transformation
        yield from (assignment.value for assignment in association.assignments)
