"""A task says whose it is: by its lane, an assignee or candidates.

One that does not is for whoever started the process, and for administrators.
"""

from collections.abc import Iterator

from engine.bpmn.model import Element
from engine.lint.rule import WARNING, Finding, Rule, Subject, about

_PEOPLE = ("assignee", "candidateUsers", "candidateGroups")


def _check(subject: Subject) -> Iterator[Finding]:
    for element in subject.elements:
        if element.kind in ("userTask", "manualTask") and not _belongs_to_somebody(element):
            yield about(element, "Nobody is named for it: it goes to whoever started the process.")


def _belongs_to_somebody(element: Element) -> bool:
    return bool(element.group) or any(element.options.get(option) for option in _PEOPLE)


RULE = Rule("bpmn.no-candidates", "A task that names nobody", (WARNING,), _check)
