"""Foreign files for tests, whole and in pieces."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import NotDeployable
from engine.bpmn.model import Element, Model, walk
from engine.bpmn.reader import read_bpmn

MODELS = Path(__file__).parent / "models"
NAMESPACES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "flowable": "http://flowable.org/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "modeler": "http://camunda.org/schema/modeler/1.0",
}


def model(name: str) -> tuple[Model, list[tuple[str | None, str]]]:
    """A file of ``models/`` as it is read, with element and reason of each warning."""
    found, warnings = read_bpmn((MODELS / f"{name}.bpmn").read_bytes(), f"{name}.bpmn")
    assert {w.severity for w in warnings} <= {"warning"}
    return found, [(w.element, w.reason) for w in warnings]


def elements(found: Model) -> dict[str, Element]:
    """All elements by id."""
    return {e.id: e for process in found.processes.values() for e in walk(process.scope)}


def foreign(prefix: str, body: str, definitions: str = "", process: str = "") -> bytes:
    """A process between start and end with ``body`` as its only step, whose id is ``x``."""
    return (
        f'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:{prefix}="{NAMESPACES[prefix]}"'
        ' xmlns:planflow="urn:planflow:bpmn" targetNamespace="urn:test">'
        f'<process id="p" isExecutable="true"{process}><startEvent id="s"/>{body}<endEvent id="e"/>'
        '<sequenceFlow id="s_x" sourceRef="s" targetRef="x"/><sequenceFlow id="x_e" sourceRef="x" targetRef="e"/>'
        f"</process>{definitions}</definitions>"
    ).encode()


def refusals(content: bytes) -> list[tuple[str | None, str, str]]:
    """Element, rule and reason of everything that keeps a file from being deployed."""
    with pytest.raises(NotDeployable) as refused:
        read_bpmn(content, "x.bpmn")
    return [(p.element, p.rule, p.reason) for p in refused.value.problems]


def read(content: bytes) -> tuple[dict[str, Element], list[str]]:
    """The elements of a file by id, and the reasons of its warnings."""
    found, warnings = read_bpmn(content, "x.bpmn")
    return elements(found), [w.reason for w in warnings]
