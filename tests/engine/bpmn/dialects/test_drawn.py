"""Processes that are not executable by intent are stored and shown, and cannot be started."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree

from engine import Engine, Invalid, NotDeployable, StartInstance
from engine.bpmn.dialects import adopt
from engine.bpmn.reader import read_bpmn
from tests.engine.bpmn.dialects.reading import MODELS, model
from tests.engine.conftest import actor

DRAWN = (MODELS / "signavio_drawn.bpmn").read_bytes()
HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:test">'
RUNS = '<process id="runs" isExecutable="true"><startEvent id="s"/></process>'
STRANGE = (
    '<complexGateway id="g"/><task id="t" madeUp="1"/><sequenceFlow id="f" sourceRef="t" targetRef="g"/>'
)


def test_a_file_of_drawn_processes_only_is_accepted_with_a_warning() -> None:
    found, warnings = model("signavio_drawn")
    assert not found.processes["sid-drawn"].executable
    assert warnings == [("sid-drawn", "The process is not executable: it is shown and cannot be started.")]


def test_it_is_stored_as_it_was_and_cannot_be_started(engine: Engine, deploy: Any) -> None:
    deploy(DRAWN)
    with engine.database.read() as session:
        detail = engine.queries(session, actor("designer")).process("sid-drawn")
    assert detail.xml == DRAWN
    assert (detail.summary.executable, detail.startable) == (False, False)
    with pytest.raises(Invalid, match="not executable"):
        engine.execute(StartInstance("sid-drawn"), actor("administrator"))


def test_what_is_drawn_beside_what_runs_does_not_stand_in_its_way() -> None:
    drawn = f'<process id="drawn" isExecutable="false">{STRANGE}</process>'
    silent = '<process id="silent"><complexGateway id="h"/></process>'
    found, warnings = read_bpmn(f"{HEAD}{drawn}{silent}{RUNS}</definitions>".encode(), "x.bpmn")
    assert {p.id: p.executable for p in found.processes.values()} == {
        "drawn": False,
        "silent": False,
        "runs": True,
    }
    assert warnings == []


def test_a_message_from_what_is_drawn_comes_from_its_pool() -> None:
    root = etree.fromstring(
        f'{HEAD}<collaboration id="c"><participant id="customer" processRef="drawn"/>'
        '<participant id="us" processRef="runs"/>'
        '<messageFlow id="m" sourceRef="t" targetRef="s"/></collaboration>'
        f'<process id="drawn" isExecutable="false">{STRANGE}</process>{RUNS}</definitions>'
    )
    assert adopt(root, "x.bpmn") == []
    (flow,) = root.iter("{*}messageFlow")
    assert (flow.get("sourceRef"), flow.get("targetRef")) == ("customer", "s")


def test_saying_nothing_is_not_an_intention() -> None:
    silent = '<process id="silent"><startEvent id="s"/></process>'
    content = f"{HEAD}{silent}</definitions>".encode()
    with pytest.raises(NotDeployable) as refused:
        read_bpmn(content, "x.bpmn")
    assert [p.rule for p in refused.value.problems] == ["bpmn.not-executable"]
