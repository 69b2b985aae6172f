"""Models that other tools have drawn: what they write in namespaces of their own, read as PlanFlow's vocabulary.

One module for each dialect; ``docs/reference/dialects.md`` has the tables. Only the parsed tree changes. The file
stays as it was deployed.
"""

from __future__ import annotations

from lxml import etree

from engine.bpmn.dialects import camunda7, camunda8, flowable, signavio, spiff
from engine.bpmn.dialects.activiti import name_the_starter
from engine.bpmn.dialects.adoption import Adoption, drop
from engine.bpmn.dialects.drawing import empty_the_drawn, is_only_drawn
from engine.bpmn.dialects.expressions import translate_expressions
from engine.bpmn.support import BPMN
from engine.errors import Problem

_DIALECTS = {
    camunda7.NAMESPACE: camunda7.adopt,
    camunda8.NAMESPACE: camunda8.adopt,
    flowable.NAMESPACE: flowable.adopt,
    flowable.ACTIVITI: flowable.adopt_activiti,
    spiff.NAMESPACE: spiff.adopt,
    signavio.NAMESPACE: signavio.adopt,
}
_WITH_INITIATOR = (camunda7.NAMESPACE, flowable.NAMESPACE, flowable.ACTIVITI)
_OF_EDITORS = frozenset(
    {
        "http://camunda.org/schema/modeler/1.0",
        "http://flowable.com/modeler",
        "http://flowable.org/design",
        "http://flowable.org/modeler",
        "http://activiti.com/modeler",
        "http://bpmn.io/schema/bpmn",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)
"""What editors note for themselves, and colours: left out without a word."""


def adopt(root: etree._Element, resource: str) -> list[Problem]:
    """Rewrite a parsed BPMN file in place into BPMN with ``planflow:`` options.

    What comes back are warnings for what has no equal here, and errors for what would run differently without it.
    """
    adoption = Adoption(root, resource)
    if root.tag != f"{{{BPMN}}}definitions":
        return []
    empty_the_drawn(adoption)
    if is_only_drawn(root):
        return adoption.problems
    used = _namespaces(root)
    feel = camunda8.speaks_feel(root)
    _leave_out_editors(root)
    name_the_starter(adoption, _WITH_INITIATOR)
    translate_expressions(adoption, feel=feel)
    for namespace, read in _DIALECTS.items():
        if namespace in used:
            _forget_languages(root)
            read(adoption)
    return adoption.problems


def _forget_languages(root: etree._Element) -> None:
    """The languages that other tools declare for a file (XPath, mostly) are not those they write."""
    drop(root, "expressionLanguage", "typeLanguage")


def _namespaces(root: etree._Element) -> frozenset[str]:
    """The namespaces that a file uses, or declares on its root."""
    found = {str(uri) for uri in root.nsmap.values()}
    for node in root.iter():
        if isinstance(node.tag, str):
            names = (node.tag, *map(str, node.attrib))
            found.update(name[1:].split("}")[0] for name in names if name.startswith("{"))
    return frozenset(found)


def _leave_out_editors(root: etree._Element) -> None:
    for node in list(root.iter()):
        if not isinstance(node.tag, str):
            continue
        for key in [str(key) for key in node.attrib]:
            if etree.QName(key).namespace in _OF_EDITORS:
                del node.attrib[key]
        parent = node.getparent()
        if etree.QName(node).namespace in _OF_EDITORS and parent is not None:
            node.tail = None
            parent.remove(node)


__all__ = ["adopt", "is_only_drawn"]
