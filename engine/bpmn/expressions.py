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
    yield from _conditions(process.scope)
    for element in walk(process.scope):
        if element.scope is not None:
            yield from _conditions(element.scope)
        if element.script:
            yield element.id, element.name, element.script, "script"
        for source in _of_element(element):
            yield element.id, element.name, source, "expression"


def _conditions(scope: Scope) -> Iterator[Found]:
    for flow in scope.flows.values():
        if flow.condition is not None:
            yield flow.id, flow.name, flow.condition, "expression"


def _of_element(element: Element) -> Iterator[str]:
    texts = [element.options.get(name) for name in MAY_BE_EXPRESSIONS]
    texts += [m.value for m in (*element.inputs, *element.outputs, *element.facts)]
    if element.event.timer is not None:
        texts.append(element.event.timer.text)
    loop = element.multi_instance
    if loop is not None:
        texts += [loop.collection, loop.output_element]
        if loop.cardinality is not None:
            yield loop.cardinality.removeprefix("=")
        if loop.completion_condition is not None:
            yield loop.completion_condition
    for text in texts:
        if text is not None and text.startswith("="):
            yield text[1:]
