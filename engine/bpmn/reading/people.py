"""Who does a task, in BPMN's own terms (BPMN 2.0.2 §10.3.2.1): performers and potential owners."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.reading import nodes
from engine.bpmn.reading.references import References

_NAMED = re.compile(r"(user|group)\(([^)]*)\)")


def roles_of(node: etree._Element, references: References) -> dict[str, str]:
    """The roles of a task as the options that mean the same: assignee, candidateUsers and candidateGroups.

    A potential owner is ``user(name)``, ``group(name)``, or a name, which is a group's; separated by commas. An
    expression behind ``=`` gives groups.
    """
    found: dict[str, str] = {}
    for performer in nodes.children(node, "performer", "humanPerformer"):
        for text in _texts(performer, references):
            found["assignee"] = _NAMED.sub(r"\2", text)
    users, groups = [], []
    for owner in nodes.children(node, "potentialOwner"):
        for text in _texts(owner, references):
            if text.startswith("="):
                found["candidateGroups"] = text
                continue
            users += [name for kind, name in _NAMED.findall(text) if kind == "user"]
            groups += [name for kind, name in _NAMED.findall(text) if kind == "group"]
            groups += [name.strip() for name in _NAMED.sub("", text).split(",") if name.strip()]
    if users:
        found["candidateUsers"] = ",".join(users)
    if groups and "candidateGroups" not in found:
        found["candidateGroups"] = ",".join(groups)
    return found


def _texts(role: etree._Element, references: References) -> Iterator[str]:
    if name := references.name(nodes.text_in(role, "resourceRef")):
        yield name
    for assignment in nodes.children(role, "resourceAssignmentExpression"):
        for expression in nodes.children(assignment, "expression", "formalExpression"):
            if text := nodes.text(expression):
                yield text
