"""Processes that are drawn and not executed (``isExecutable="false"``): stored and shown, whatever is in them."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.dialects.adoption import Adoption, is_executable, refers
from engine.bpmn.support import BPMN

_KEPT = frozenset({"id", "name", "isExecutable"})
_DOCUMENTATION = f"{{{BPMN}}}documentation"


def is_only_drawn(root: etree._Element) -> bool:
    """Whether every process of a file says that it is not executable. Saying nothing is not enough."""
    said = [
        (process.get("isExecutable") or "").strip() for process in root.iterchildren(f"{{{BPMN}}}process")
    ]
    return bool(said) and all(value in ("false", "0") for value in said)


def empty_the_drawn(adoption: Adoption) -> None:
    """Take out what is only drawn, so that nothing in it stands in the way of what is executed."""
    root = adoption.root
    if is_only_drawn(root):
        _empty_file(adoption)
        return
    processes = root.findall(f"{{{BPMN}}}process")
    drawn = [process for process in processes if not is_executable(process)]
    for process in drawn if len(drawn) < len(processes) else ():
        _redirect_messages(root, process)
        _empty(process)


def _empty_file(adoption: Adoption) -> None:
    for process in adoption.root.findall(f"{{{BPMN}}}process"):
        adoption.warn(
            process,
            "The process is not executable: it is shown and cannot be started.",
            "bpmn.not-executable",
        )
        _empty(process)
    for child in list(adoption.root):
        if isinstance(child.tag, str) and child.tag != f"{{{BPMN}}}process":
            adoption.root.remove(child)
    for key in [str(key) for key in adoption.root.attrib]:
        if key not in ("id", "name", "targetNamespace"):
            del adoption.root.attrib[key]


def _empty(process: etree._Element) -> None:
    for child in list(process):
        if child.tag != _DOCUMENTATION:
            process.remove(child)
    for key in [str(key) for key in process.attrib]:
        if key not in _KEPT:
            del process.attrib[key]
    process.text = None


def _redirect_messages(root: etree._Element, process: etree._Element) -> None:
    """A message flow to or from what is taken out goes to its pool, which is a black box then (BPMN 2.0.2 §9.3)."""
    inside = {str(node.get("id")) for node in process.iter() if isinstance(node.tag, str) and node.get("id")}
    pools = [
        str(pool.get("id"))
        for pool in root.iter(f"{{{BPMN}}}participant")
        if refers(pool, "processRef", process.get("id") or "")
    ]
    for flow in root.iter(f"{{{BPMN}}}messageFlow") if pools else ():
        for end in ("sourceRef", "targetRef"):
            if (flow.get(end) or "").rsplit(":", 1)[-1] in inside:
                flow.set(end, pools[0])
