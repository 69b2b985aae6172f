"""Where a file says something twice, both must agree: otherwise one of the two would be ignored in silence."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.agreement.conversations import conversation_findings
from engine.bpmn.agreement.data import data_findings
from engine.bpmn.agreement.drawing import drawing_findings
from engine.bpmn.agreement.work import work_findings
from engine.bpmn.shape import Finding

__all__ = ["agreement_findings"]


def agreement_findings(root: etree._Element) -> Iterator[Finding]:
    """Every place of a file that contradicts another."""
    yield from drawing_findings(root)
    yield from conversation_findings(root)
    yield from data_findings(root)
    yield from work_findings(root)
