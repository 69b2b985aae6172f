"""Plays a scenario on a stage and compares what came out with what it expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import Invalid, PlanFlowError
from engine.sandbox import Sandbox
from plans.scenarios.reading import Scenario, Step, read_scenario
from plans.scenarios.stage import Ended, EngineStage, Stage


@dataclass(frozen=True)
class Played:
    """How a scenario went. ``message`` says where it left the path; empty when it passed."""

    name: str
    file: str
    passed: bool
    message: str = ""


class Strayed(Exception):
    """The process did something else than the scenario tells."""


def play_folder(folder: Path, sandbox: Sandbox | None = None) -> Iterator[Played]:
    """Play every scenario of a process folder, each in a database of its own, in memory."""
    own = sandbox or Sandbox()
    try:
        for file in sorted((folder / "scenarios").glob("*.yaml")):
            yield _play_file(file, own)
    finally:
        if sandbox is None:
            own.close()


def _play_file(file: Path, sandbox: Sandbox) -> Played:
    name = file.stem
    try:
        scenario = read_scenario(file)
        name = scenario.name
        with EngineStage.temporary(file.parents[2], sandbox) as stage:
            play(scenario, stage, file.parents[2])
    except (Strayed, PlanFlowError) as problem:
        return Played(name, file.name, False, _with_fields(problem))
    return Played(name, file.name, True)


def play(scenario: Scenario, stage: Stage, processes: Path) -> str:
    """Play a scenario to its end; returns the instance's id. Raises Strayed where it leaves the path.

    ``processes`` is the folder in which other processes' scenarios are found that were given beforehand.
    """
    prepare(scenario, stage, processes)
    instance = begin(scenario, stage)
    for number, step in enumerate(scenario.steps, start=1):
        try:
            take(step, stage, instance)
        except (Strayed, PlanFlowError) as problem:
            where = f"step {number} ({step.kind} {step.element})"
            raise Strayed(f"{where}: {_with_fields(problem)}") from problem
    compare(scenario.expect, stage.ended(instance), stage)
    return instance


def prepare(scenario: Scenario, stage: Stage, processes: Path) -> None:
    """Set the clock, let the people exist, and what is given beforehand."""
    stage.set_time(scenario.now)
    stage.people(scenario.people, scenario.departments)
    for given in scenario.given:
        _give(given, scenario, stage, processes)


def begin(scenario: Scenario, stage: Stage) -> str:
    """Start the process; returns the instance's id."""
    start = scenario.start
    return stage.start(
        scenario.starter, scenario.process, start.get("variables") or {}, start.get("business_key")
    )


def _give(given: Mapping[str, Any], scenario: Scenario, stage: Stage, processes: Path) -> None:
    if "process" in given:
        before = read_scenario(processes / given["process"] / "scenarios" / f"{given['scenario']}.yaml")
        play(before, stage, processes)
        stage.set_time(scenario.now)
    else:
        stage.operation(scenario.starter, given["operation"], given.get("inputs") or {})


def take(step: Step, stage: Stage, instance: str) -> None:
    """Take one step. Raises Strayed when it cannot be taken, or what the stage refuses it with."""
    if step.kind == "timer":
        stage.elapse(instance, step.element)
        return
    task = stage.find_task(instance, step.element, step.by)
    if task is None:
        waiting = ", ".join(stage.waiting(instance)) or "nobody"
        raise Strayed(f"it is not open for {step.by}; waiting is: {waiting}")
    if step.expect_facts:
        _compare_facts(step.expect_facts, stage.facts(task, step.by))
    if step.kind == "refused":
        _be_refused(step, stage, task)
    else:
        stage.complete(task, step.by, step.variables, step.outcome, step.comment)


def _be_refused(step: Step, stage: Stage, task: str) -> None:
    try:
        stage.complete(task, step.by, step.variables, step.outcome, step.comment)
    except Invalid as refused:
        found = {problem.field for problem in refused.fields}
        missing = set(step.fields) - found
        if missing:
            raise Strayed(f"refused for {sorted(found)}, not for {sorted(missing)}") from refused
        return
    raise Strayed("it was accepted, and should have been refused")


def _compare_facts(expected: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    for label, value in expected.items():
        if label not in facts:
            raise Strayed(f"the fact “{label}” is not shown; shown are {sorted(facts)}")
        _compare_value(f"the fact “{label}”", value, facts[label])


def compare(expect: Mapping[str, Any], ended: Ended, stage: Stage) -> None:
    """Raise Strayed where it has not ended as expected."""
    _compare_value("the state", expect.get("state", "completed"), ended.status)
    if "end" in expect and expect["end"] not in ended.ends:
        raise Strayed(f"it ended at {ended.ends}, not at {expect['end']}")
    for element in expect.get("visited") or ():
        if element not in ended.visited:
            raise Strayed(f"{element} was not visited")
    for element in expect.get("not_visited") or ():
        if element in ended.visited:
            raise Strayed(f"{element} was visited")
    for name, value in (expect.get("variables") or {}).items():
        if name not in ended.variables:
            raise Strayed(f"there is no variable {name}")
        _compare_value(f"the variable {name}", value, ended.variables[name])
    if "plan" in expect:
        plan = stage.plan(ended)
        for name, value in expect["plan"].items():
            _compare_value(f"the plan's {name}", value, plan.get(name))


def _compare_value(what: str, expected: Any, found: Any) -> None:
    """Mappings need to hold what is expected, and may hold more; everything else must be equal."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key, value in expected.items():
            _compare_value(f"{what}.{key}", value, found.get(key))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (value, other) in enumerate(zip(expected, found, strict=True)):
            _compare_value(f"{what}[{number}]", value, other)
    elif expected != found:
        raise Strayed(f"{what} is {found!r}, not {expected!r}")


def _with_fields(problem: Exception) -> str:
    fields = getattr(problem, "fields", ())
    return str(problem) + "".join(f"; {f.field}: {f.message}" for f in fields)
