"""Whatever BPMN is put into a model is executed, means nothing by the table, or is refused: never ignored."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from engine.bpmn.model import Model
from engine.bpmn.reader import read_bpmn
from engine.bpmn.support import BPMN, RULES, local_id
from engine.errors import NotDeployable
from tests.engine.bpmn.corpus import MODELS
from tests.engine.bpmn.meaning import meaning
from tests.engine.bpmn.sprinkling import SCHEMA, Sprinkled, sprinkled
from tools.bpmn_reference import attribute_verdict, verdict

EXAMPLES = int(os.environ.get("SPRINKLED_EXAMPLES", "300"))
LONGEST = 5.0
"""Seconds of computing for one file."""

OF_THE_WHOLE_FILE = {"bpmn.no-process", "bpmn.not-executable", "bpmn.root"}
"""Rules whose problems lie at no single element."""

WITHOUT_EFFECT_ALONE = {
    "association", "dataStoreReference", "dataObjectReference", "dataState", "laneSet", "lane", "childLaneSet",
    "correlationSubscription",
}  # fmt: skip
"""What has effect through what refers to it or lies in it: nothing yet, where it has just been put there."""

DEFAULTS = {
    ("compensateEventDefinition", "waitForCompletion"): "true",
    ("adHocSubProcess", "ordering"): "Parallel",
}
"""What holds by the text of BPMN where the schema says nothing (§10.5.5, §10.3.5)."""

AGREEING = {
    ("messageEventDefinition", "messageRef"), ("messageEventDefinition", "operationRef"),
    ("sendTask", "messageRef"), ("sendTask", "operationRef"),
    ("receiveTask", "messageRef"), ("receiveTask", "operationRef"),
}  # fmt: skip
"""A message and an operation of that message: they may both be named, and must agree."""

EFFECTIVE_ELSEWHERE = {
    ("association", "sourceRef"), ("association", "targetRef"),  # from a compensation event only
    ("dataObjectReference", "name"), ("dataStoreReference", "name"),  # where they refer to nothing
    ("lane", "name"), ("dataState", "name"),  # of a lane with elements, of data that is written
    ("dataObject", "name"), ("property", "name"), ("dataInput", "name"), ("dataOutput", "name"),
    ("inputDataItem", "name"), ("outputDataItem", "name"),  # a name that is no variable is only shown
}  # fmt: skip


@cache
def _before(content: bytes) -> Any:
    return meaning(read_bpmn(content, "x.bpmn")[0])


def _read(content: bytes) -> Model | NotDeployable:
    began = time.process_time()
    try:
        return read_bpmn(content, "x.bpmn")[0]
    except NotDeployable as refused:
        return refused
    finally:
        assert time.process_time() - began < LONGEST


def _says_the_same(case: Sprinkled) -> bool:
    """Whether an attribute says after all what it said, or what holds where it says nothing."""
    attribute = SCHEMA[case.parent].attributes.get(case.name)
    default = None if attribute is None else attribute.default or DEFAULTS.get((case.parent, case.name))
    before = default if case.before is None else case.before
    values = [_plain(value) for value in (before, case.after)]
    return values[0] == values[1]


def _plain(value: str | None) -> str | None:
    said = local_id(value) if value is not None else None
    if said is not None and said.isdigit() and said not in ("0", "1"):
        return str(int(said))
    return {"1": "true", "0": "false"}.get(said or "", said)


def _may_mean_nothing(case: Sprinkled) -> bool:
    if case.within_definition:
        return True
    if (case.parent, case.name) in AGREEING:
        return True
    if case.kind == "element":
        return case.name in WITHOUT_EFFECT_ALONE or case.parent in WITHOUT_EFFECT_ALONE
    return _says_the_same(case) or (case.parent, case.name) in EFFECTIVE_ELSEWHERE


def _check_refusal(case: Sprinkled, refused: NotDeployable) -> None:
    assert refused.problems
    for problem in refused.problems:
        assert problem.reason
        assert problem.element is not None or problem.rule in OF_THE_WHOLE_FILE, problem
    if _verdict(case) == "refused":
        assert case.owner in {problem.element for problem in refused.problems}, case


def _verdict(case: Sprinkled) -> str:
    rule = RULES[case.parent]
    if case.kind == "element":
        return verdict(case.name) if case.name in rule.children else "refused"
    if case.kind == "attribute":
        return attribute_verdict(case.parent, case.name)
    if case.kind == "option":
        return "executed" if case.name in rule.options else "refused"
    return "executed"


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=EXAMPLES < 1000
)
@given(sprinkled())
def test_whatever_is_put_into_a_model_is_executed_or_refused_and_never_ignored(case: Sprinkled):
    result = _read(case.content)
    if isinstance(result, NotDeployable):
        _check_refusal(case, result)
        return
    told = _verdict(case)
    assert told != "refused", "accepted, though the table refuses it"
    changed = meaning(result) != _before(case.base)
    if told == "executed":
        assert changed or _may_mean_nothing(case), "called executed, and not read"
    elif case.name != "id":
        assert not changed, f"called {told}, and read all the same"


def test_a_comment_or_processing_instruction_changes_nothing():
    for content in MODELS.values():
        root = etree.fromstring(content)
        for node in list(root.iter(f"{{{BPMN}}}*")):
            if len(node) or not (node.text or "").strip():
                node.append(etree.Comment("a note"))
                node.append(etree.ProcessingInstruction("editor", "x"))
        assert meaning(read_bpmn(etree.tostring(root), "x.bpmn")[0]) == _before(content)


@pytest.mark.parametrize("said", ["1", " true ", "true"])
def test_truth_is_written_as_xml_schema_writes_it(said):
    content = MODELS["loops"].replace(b'isSequential="true"', f'isSequential="{said}"'.encode())
    assert meaning(read_bpmn(content, "x.bpmn")[0]) == _before(MODELS["loops"])
