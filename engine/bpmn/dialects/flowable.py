"""Flowable and Activiti: the namespaces ``flowable:`` and ``activiti:``, and JUEL."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.dialects.activiti import OPERATION, Activiti
from engine.bpmn.dialects.adoption import Adoption, content, form_name
from engine.bpmn.dialects.juel import is_juel

NAMESPACE = "http://flowable.org/bpmn"
ACTIVITI = "http://activiti.org/bpmn"
_DECISIONS = ("decisionTableReferenceKey", "decisionServiceReferenceKey")
_WITHOUT_HIT = "decisionTaskThrowErrorOnNoHits"


def adopt(adoption: Adoption) -> None:
    """Read what Flowable says of the elements of a file."""
    Flowable(adoption, NAMESPACE, "flowable").adopt()


def adopt_activiti(adoption: Adoption) -> None:
    """Read what Activiti says of the elements of a file."""
    Flowable(adoption, ACTIVITI, "activiti").adopt()


class Flowable(Activiti):
    """What Flowable has beyond its kin: decisions as a type of service task, variables inherited by a call."""

    silent = ("exclusive", "formFieldValidation")

    def _element(self, node: etree._Element) -> None:
        super()._element(node)
        if self.adoption.extension(node, self.namespace, "formProperty") is not None:
            self.adoption.warn(
                node, "Form fields inside the diagram are not shown: make a form-js file of them."
            )

    def form_of(self, key: str) -> str | None:
        """A form key is the id of a form there."""
        return None if is_juel(key) else form_name(key) or key

    def _work(self, node: etree._Element) -> None:
        work, topic = self.take(node, "type"), self.take(node, "topic")
        result = self.take(node, "resultVariable") or self.take(node, "resultVariableName")
        if work == "dmn":
            self._decide(node)
        elif work == "external-worker":
            self._external(node, topic)
        elif work is not None:
            reason = f"“{self.prefix}:type={work}” does not run here: name a planflow:operation instead."
            self.adoption.refuse(node, reason, OPERATION)
        elif not self.java(node):
            self.evaluated(node, result)

    def _external(self, node: etree._Element, topic: str | None) -> None:
        """What a worker is told is mapped like what a process is told; what it answers becomes variables."""
        self.external(node, topic)
        for given in self.adoption.extensions(node, self.namespace, "in"):
            self._handed(node, given, "input")
        if self.adoption.extensions(node, self.namespace, "out"):
            self.adoption.refuse(node, f"What a worker answers cannot be chosen with “{self.prefix}:out”.")

    def _decide(self, node: etree._Element) -> None:
        """A decision task: each output of the decision becomes a variable of that name."""
        fields = {
            field.get("name"): field for field in self.adoption.extensions(node, self.namespace, "field")
        }
        self.adoption.extension(node, self.namespace, "field")
        if _WITHOUT_HIT in fields and _text(fields[_WITHOUT_HIT]) == "true":
            self.adoption.warn(node, "That no rule matches is no error here.")
        key = next((_text(fields[name]) for name in _DECISIONS if name in fields), "")
        if not key:
            self.adoption.refuse(node, "The decision task names no decision.", "bpmn.decision")
        elif self.decision(node, key):
            self.adoption.everything(node, "output")

    def _call(self, node: etree._Element) -> None:
        if self.take(node, "inheritVariables") == "true":
            self.adoption.everything(node, "input")
        super()._call(node)


def _text(field: etree._Element) -> str:
    return field.get("stringValue") or content(field)
