"""Lets every rule look at a BPMN file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine import xml
from engine.bpmn.model import Model
from engine.bpmn.support import local_id
from engine.errors import Problem
from engine.forms import CompiledForm
from engine.lint.rule import Subject
from engine.lint.rules import CHECKS
from engine.lint.sources import Sources

BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"


def lint_model(
    model: Model,
    content: bytes,
    beside: Mapping[str, Model],
    forms: Mapping[str, CompiledForm],
    sources: Sources,
) -> Iterator[Problem]:
    """What the rules find in a file that can be read. ``beside`` are all models of its bundle, ``forms`` all forms."""
    if not any(process.executable for process in model.processes.values()):
        return
    subject = Subject(model, drawn_in(content, model.resource), forms, _handed_over(beside), sources)
    for rule in CHECKS:
        for finding in rule.check(subject) if rule.check else ():
            severity = finding.severity or rule.severity
            yield Problem(model.resource, finding.element, finding.name, finding.reason, rule.id, severity)


def drawn_in(content: bytes, resource: str) -> frozenset[str]:
    """The ids of everything that the diagrams of a BPMN file show (BPMN 2.0.2 §12.2.3)."""
    shown = xml.parse(content, resource).iter(f"{{{BPMNDI}}}BPMNShape", f"{{{BPMNDI}}}BPMNEdge")
    return frozenset(local_id(each.get("bpmnElement")) for each in shown)


def _handed_over(models: Mapping[str, Model]) -> dict[str, frozenset[str]]:
    """For each process, the variables that call activities of these files give it."""
    found: dict[str, frozenset[str]] = {}
    for model in models.values():
        for process in model.processes.values():
            for call in (e for e in process.elements if e.kind == "callActivity" and e.called):
                names = {m.name for m in call.inputs} | {item.variable for item in call.data.inputs}
                found[call.called or ""] = found.get(call.called or "", frozenset()) | names
    return found
