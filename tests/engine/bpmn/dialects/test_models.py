"""Whole files as the modelers write them: read, remarked, and run to the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from lxml import etree

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from engine.sandbox import Sandbox
from engine.simulation import Trial, try_file
from tests.engine.bpmn.dialects.reading import MODELS, elements, model
from tests.engine.conftest import names


@pytest.fixture
def run(sandbox: Sandbox) -> Callable[..., Trial]:
    def run(name: str, data: dict[str, Any] | None = None, **answers: Any) -> Trial:
        return try_file(MODELS / f"{name}.bpmn", data=data, answers=answers, sandbox=sandbox)

    return run


def test_camunda_7_runs(run: Callable[..., Trial]) -> None:
    data = {"article": "chair", "amount": 150, "places": ["A", "B", "C"]}
    trial = run("camunda7", data, Task_quote={"result": {"price": 30}})
    assert (trial.state, trial.problems) == ("completed", [])
    assert trial.data == data | {
        "price": 30,
        "total": 40,
        "decider": "head",
        "note": "Order of chair for starter",
    }
    assert names(trial).count("Call_each") == 2, "the completion condition ends it after two of three"


def test_camunda_7_is_read_into_options() -> None:
    found, _warnings = model("camunda7")
    process, by_id = found.processes["purchase"], elements(found)
    assert process.options == {
        "startForm": "request",
        "starterGroups": "operations_supervisor, administrator",
    }
    assert by_id["Task_approve"].options == {
        "assignee": "=starter",
        "candidateUsers": "anna, ben",
        "candidateGroups": "management",
        "dueDate": "P3D",
        "priority": "70",
        "form": "approve.form",
    }
    assert by_id["Task_quote"].options == {"operation": "purchase.quote"}
    assert {m.name: m.value for m in by_id["Task_quote"].inputs} == {
        "wanted": "=article",
        "limits": '={"most": amount, "currency": "EUR"}',
        "shops": '=["north", article]',
    }
    assert by_id["Task_rule"].options == {"decision": "who_decides"}
    assert [m.name for m in by_id["Call_each"].outputs] == ["receipt", "*"]
    assert by_id["Task_note"].kind == by_id["Delivery_receipt"].kind == "scriptTask"


def test_camunda_7_is_told_what_is_not_read() -> None:
    _found, warnings = model("camunda7")
    said = [(element, reason.split("”")[0].removeprefix("“camunda:")) for element, reason in warnings]
    assert said == [
        ("StartEvent_1", "“requester"),
        ("Call_each", "What a repetition writes stays in it: nothing of it is gathered afterwards."),
        ("purchase", "historyTimeToLive"),
        ("purchase", "versionTag"),
        ("Task_quote", "asyncBefore"),
        ("Task_quote", "properties"),
        ("Task_quote", "executionListener"),
        ("Task_approve", "followUpDate"),
        ("Task_approve", "taskListener"),
        ("Call_each", "calledElementBinding"),
        ("delivery", "historyTimeToLive"),
    ]


CLAIM = {"policy": "P1", "amount": 150, "urgency": "high", "agent": "amy", "pages": ["a", "b"]}


def test_camunda_8_runs(run: Callable[..., Trial]) -> None:
    trial = run(
        "camunda8",
        {"claim": CLAIM},
        Task_check={"result": {"valid": True, "noise": 1}},
        Task_fetch={"result": {"told": True}},
        Task_decide={"approved": True},
    )
    assert (trial.state, trial.problems) == ("completed", [])
    assert trial.data == {
        "claim": CLAIM,
        "covered": True,
        "told": True,
        "decider": "head",
        "approved": True,
        "outcome": "paid",
        "filings": ["A of P1", "B of P1"],
    }
    assert "Event_time" in names(trial)


def test_camunda_8_is_read_into_options() -> None:
    found, _warnings = model("camunda8")
    by_id = elements(found)
    assert found.processes["claim"].options == {"startForm": "claim_form"}
    assert by_id["Task_decide"].options == {
        "assignee": '=claim["agent"]',
        "candidateUsers": '=[claim["agent"], "ben"]',
        "candidateGroups": "management",
        "dueDate": "P2D",
        "priority": "80",
        "form": "decide_form",
    }
    assert by_id["Event_objection"].event.correlation == '={"correlationKey": claim["policy"]}'
    assert by_id["Task_fetch"].kind == "serviceTask"
    assert [m.name for m in by_id["Call_1"].inputs] == ["*"]
    assert [m.name for m in by_id["Call_1"].outputs] == ["filed"]


def test_camunda_8_is_told_what_is_not_read() -> None:
    _found, warnings = model("camunda8")
    assert [(element, reason.split("”")[0]) for element, reason in warnings] == [
        ("Task_check", "“zeebe:retries"),
        ("Task_decide", "“zeebe:followUpDate"),
        ("claim", "“zeebe:versionTag"),
        ("Task_check", "“zeebe:taskHeaders"),
    ]


def test_flowable_runs(run: Callable[..., Trial]) -> None:
    trial = run("flowable", {"amount": 150, "team": ["x", "y"]}, book={"result": {"booked": True}})
    assert (trial.state, trial.problems) == ("completed", [])
    assert trial.data == {"amount": 150, "team": ["x", "y"], "role": "head", "booked": True}
    assert {"approve", "t2"} <= set(names(trial))


def test_flowable_is_read_into_options_and_told_what_is_not() -> None:
    found, warnings = model("flowable")
    by_id = elements(found)
    assert found.processes["leave"].options == {"startForm": "ask", "starterGroups": "team_member"}
    assert by_id["approve"].options["form"] == "approve"
    assert by_id["approve"].options["assignee"] == "=starter"
    assert by_id["decide"].kind == "businessRuleTask"
    assert [m.name for m in by_id["tell"].inputs] == ["*"]
    assert [element for element, _reason in warnings] == [
        "startEvent1",
        "tell",
        "decide",
        "approve",
        "approve",
        "t2",
    ]


def test_activiti_runs(run: Callable[..., Trial]) -> None:
    trial = run("activiti", {"readers": ["a", "b"], "deadline": "2027-03-01", "rounds": 1})
    assert (trial.state, trial.problems, trial.data["rounds"]) == ("completed", [], 2)
    _found, warnings = model("activiti")
    assert [element for element, _reason in warnings] == ["start", "read", "read"]


def test_spiff_runs_until_it_waits_for_its_message(run: Callable[..., Trial]) -> None:
    trial = run(
        "spiff",
        Activity_where={"town": "Rome", "nights": 4},
        Activity_price={"result": {"price": 50}},
    )
    assert (trial.state, trial.problems) == ("waiting", [])
    assert trial.data["booking"] == "Rome for 4"
    assert trial.data["role"] == "head"


def test_spiff_is_read_into_options_and_told_what_is_not() -> None:
    found, warnings = model("spiff")
    by_id = elements(found)
    assert by_id["Activity_where"].documentation == "Say **where** you want to go."
    assert by_id["Activity_price"].options == {"operation": "travel/GetPrice"}
    assert by_id["Event_wait"].event.correlation == '={"town": town}'
    assert [(element, reason.split("”")[0]) for element, reason in warnings] == [
        ("Activity_where", "“spiffworkflow:properties"),
        ("Activity_where", "“spiffworkflow:allowGuest"),
        ("Activity_sum", "“spiffworkflow:unitTests"),
    ]


def test_signavio_runs_with_one_remark(run: Callable[..., Trial]) -> None:
    trial = run("signavio", {"fine": True})
    assert (trial.state, trial.problems) == ("completed", [])
    _found, warnings = model("signavio")
    assert warnings == [(None, "Labels and attributes of Signavio are kept in the file and not read.")]


def test_colours_of_bpmn_io_are_no_matter(run: Callable[..., Trial]) -> None:
    assert run("bpmn_io").state == "completed"
    assert model("bpmn_io")[1] == []


def _with_one_thing_missing(content: bytes) -> Iterator[bytes]:
    """A file without each of its attributes, and without each of its elements, in turn."""
    root = etree.fromstring(content)
    for node in [each for each in root.iter() if isinstance(each.tag, str) and each is not root]:
        for key, value in list(node.attrib.items()):
            del node.attrib[key]
            yield etree.tostring(root)
            node.set(key, value)
        parent = node.getparent()
        if parent is not None:
            place = parent.index(node)
            parent.remove(node)
            yield etree.tostring(root)
            parent.insert(place, node)


@pytest.mark.parametrize("name", ["camunda7", "camunda8", "flowable", "spiff", "signavio"])
def test_a_file_with_anything_missing_is_read_or_refused_and_never_breaks_the_reader(name: str) -> None:
    for content in _with_one_thing_missing((MODELS / f"{name}.bpmn").read_bytes()):
        with suppress(NotDeployable):
            read_bpmn(content, name)
