"""Correlation keys and subscriptions: how messages find the one they are meant for (BPMN 2.0.2 §8.4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lxml import etree

from engine.bpmn.model import CorrelationProperty
from engine.bpmn.reading import nodes
from engine.bpmn.reading.data import variable_name
from engine.bpmn.reading.references import References
from engine.bpmn.support import BPMN, local_id


def correlation_of(process: etree._Element, references: References) -> tuple[CorrelationProperty, ...]:
    """The correlation properties of the file as a process uses them."""
    bindings = _bindings(process)
    root = process.getroottree().getroot()
    return tuple(
        CorrelationProperty(variable_name(node), _paths(node, references), bindings.get(str(node.get("id"))))
        for node in root.iter(f"{{{BPMN}}}correlationProperty")
    )


def _paths(node: etree._Element, references: References) -> Mapping[str, str]:
    """Expressions by message. One that is missing is empty, and refused with the structure."""
    return MappingProxyType(
        {
            references.name(retrieval.get("messageRef")) or "": nodes.expression_in(retrieval, "messagePath")
            or ""
            for retrieval in nodes.children(node, "correlationPropertyRetrievalExpression")
        }
    )


def _bindings(process: etree._Element) -> dict[str, str]:
    return {
        local_id(binding.get("correlationPropertyRef")): nodes.expression_in(binding, "dataPath") or ""
        for subscription in nodes.children(process, "correlationSubscription")
        for binding in nodes.children(subscription, "correlationPropertyBinding")
    }
