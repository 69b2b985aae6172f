"""Scenario files keep to docs/reference/scenarios.md and name only what their process has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.processes.drawing import PLANFLOW, Drawing

PROCESSES = Path(__file__).parents[2] / "processes"
FILES = sorted(PROCESSES.glob("*/scenarios/*.yaml"))
KEYS = sorted(path.parent.name for path in PROCESSES.glob("*/process.bpmn"))

TOP = {"name", "process", "starter", "now", "people", "departments", "given", "start", "steps", "expect"}
STEP = {"task", "by", "variables", "outcome", "comment", "expect_facts"}
EXPECT = {"state", "end", "visited", "not_visited", "variables", "plan"}

Scenario = dict[str, Any]


@pytest.fixture(params=FILES, ids=lambda path: f"{path.parents[1].name}/{path.stem}")
def scenario(request: pytest.FixtureRequest) -> Scenario:
    read: Scenario = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    assert read["process"] == request.param.parents[1].name
    return read


def _drawing(scenario: Scenario) -> Drawing:
    return Drawing(PROCESSES / scenario["process"] / "process.bpmn")


def _submissions(scenario: Scenario) -> Iterator[Scenario]:
    for step in scenario["steps"]:
        if "timer" not in step:
            yield step.get("refused", step)


@pytest.mark.parametrize("key", KEYS)
def test_every_process_has_at_least_three_scenarios(key: str) -> None:
    assert len([path for path in FILES if path.parents[1].name == key]) >= 3
    assert (PROCESSES / key / "scenarios" / "straight_through.yaml").is_file()


def test_a_scenario_uses_known_keys_only(scenario: Scenario) -> None:
    unknown = set(scenario) - TOP | set(scenario["expect"]) - EXPECT
    for step in scenario["steps"]:
        if "timer" in step:
            unknown |= set(step) - {"timer"}
        elif "refused" in step:
            unknown |= set(step) - {"refused"} | set(step["refused"]) - STEP - {"fields"}
        else:
            unknown |= set(step) - STEP
    assert unknown == set()


def test_a_scenario_names_elements_that_exist(scenario: Scenario) -> None:
    drawing = _drawing(scenario)
    named = [step["task"] for step in _submissions(scenario)]
    named += [step["timer"] for step in scenario["steps"] if "timer" in step]
    expected = scenario["expect"]
    named += [*expected.get("visited", ()), *expected.get("not_visited", ())]
    named += [expected["end"]] if expected.get("end") else []
    assert [element for element in named if element not in drawing.nodes] == []


def test_a_scenario_names_outcomes_that_the_task_offers(scenario: Scenario) -> None:
    nodes = _drawing(scenario).nodes
    wrong = []
    for step in _submissions(scenario):
        offered = {outcome.get("id") for outcome in nodes[step["task"]].iter(PLANFLOW + "outcome")} or {None}
        if step.get("outcome") not in offered:
            wrong.append((step["task"], step.get("outcome")))
    assert wrong == []


def test_everybody_in_a_scenario_is_introduced(scenario: Scenario) -> None:
    acting = {scenario["starter"], *(step["by"] for step in _submissions(scenario))}
    acting |= {person["superior"] for person in scenario["people"].values() if person.get("superior")}
    acting |= {each["head"] for each in (scenario.get("departments") or {}).values() if each.get("head")}
    assert acting - set(scenario["people"]) == set()


def test_what_a_scenario_stands_on_exists(scenario: Scenario) -> None:
    missing = [
        given
        for given in scenario.get("given") or []
        if "scenario" in given
        and not (PROCESSES / given["process"] / "scenarios" / f"{given['scenario']}.yaml").is_file()
    ]
    assert missing == []
