"""Decisions as part of a deployment: checked with it, made by business rule tasks, told in history."""

from __future__ import annotations

import pytest

from engine import NotDeployable, StartInstance
from tests.engine.conftest import actor
from tests.engine.decisions.dmn import HEAD, file, requires, table
from tests.engine.xml_text import bpmn, node, script, way

DECIDING = bpmn(
    node("startEvent", "s")
    + script("prepare", "amount = 5")
    + node("businessRuleTask", "decide", planflow_decision="check", planflow_resultVariable="found")
    + node("endEvent", "e")
    + way("s", "prepare", "decide", "e")
)
BASIS = table(
    [("amount", "number")], [("level", "string")], [("> 1", '"high"'), ("<= 1", '"low"')], id="basis"
)
CHECK = table(
    [("basis", "string")], [("days", "number")], [('"high"', "5"), ('"low"', "1")], before=requires("basis")
)
IMPORT = (
    '<import name="other" namespace="urn:other" locationURI="other.dmn" '
    'importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
)
ACROSS = CHECK.replace('href="#basis"', 'href="urn:other#basis"').replace(">basis<", ">other.basis<")
OTHER = file(BASIS, head=HEAD.replace("urn:test", "urn:other"))
NO_RULE = file(table([("amount", "number")], [("x", "number")], [("> 1", "1"), ("> 2", "2")]))


def made(engine, instance):
    with engine.database.read() as session:
        events = engine.queries(session, actor("administrator")).history(instance).items
    return [event.payload for event in events if event.kind == "decision.made"]


@pytest.mark.parametrize(
    "files",
    [{"check__dmn": file(CHECK, BASIS)}, {"check__dmn": file(ACROSS, more=IMPORT), "other__dmn": OTHER}],
    ids=["one file", "two files"],
)
def test_history_tells_of_the_rules_of_required_decisions_too(engine, deploy, files):
    deploy(DECIDING, **files)
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    (payload,) = made(engine, started.instance_id)
    assert (payload["decision"], payload["result"], payload["rules"]) == ("check", {"days": 5}, ["r1"])
    assert payload["required"] == [{"decision": "basis", "result": {"level": "high"}, "rules": ["basis_r1"]}]


def test_a_trial_makes_required_decisions_of_files_beside_it(tmp_path, sandbox):
    from engine.simulation import try_file

    for name, content in {"p.bpmn": DECIDING, "a.dmn": file(ACROSS, more=IMPORT), "other.dmn": OTHER}.items():
        (tmp_path / name).write_bytes(content)
    result = try_file(tmp_path / "p.bpmn", sandbox=sandbox)
    assert (result.state, result.data["found"]) == ("completed", {"days": 5})


def test_overlaps_and_gaps_are_warnings_of_a_deployment(deploy):
    done = deploy(DECIDING, check__dmn=NO_RULE)
    told = {(each.rule, each.severity) for each in done.warnings if each.rule.startswith("dmn.")}
    assert told == {
        ("dmn.overlap", "warning"),
        ("dmn.gap", "warning"),
    }


def test_starlark_in_a_decision_that_does_not_parse_is_refused(deploy):
    with pytest.raises(NotDeployable) as refused:
        deploy(DECIDING, check__dmn=file(table([("amount ==", "number")], [("x", "number")], [("> 1", "1")])))
    assert [(each.resource, each.element, each.rule) for each in refused.value.problems] == [
        ("check.dmn", "check_ie0", "expression")
    ]


def test_a_decision_that_is_refused_is_not_said_to_be_missing(deploy):
    with pytest.raises(NotDeployable) as refused:
        deploy(DECIDING, check__dmn=file(CHECK.replace("&gt; 1", "=> 1")))
    assert {each.rule for each in refused.value.problems} == {"dmn.requirement"}


def test_rules_that_contradict_each_other_are_an_incident_that_names_them(engine, deploy):
    deploy(DECIDING, check__dmn=NO_RULE)
    engine.execute(StartInstance("p"), actor("supervisor"))
    with engine.database.read() as session:
        (incident,) = engine.queries(session, actor("administrator")).incidents().items
    assert "rules 1 (r1), 2 (r2) match together" in incident.error
