"""A law: an instance that is stored and restored after every step lives the same life as one that never is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from itertools import count, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.reader import read_bpmn
from engine.execution.build import ProcessSpec
from engine.execution.host import Decided
from engine.execution.live import LiveInstance
from engine.execution.moments import moment
from engine.execution.state import dump, restore
from engine.execution.task.user import is_open_work
from tests.engine.xml_text import HEAD, flow, loop, node, script, timer, way

CONSTANTS = {"instance_id": "i", "starter": "somebody", "business_key": None}
MESSAGE = '<bpmn:message id="told" name="told"/><bpmn:error id="bad" errorCode="BAD"/>'
LEAVES = ("user", "script", "timer", "message", "task")
BLOCKS = (
    "parallel",
    "exclusive",
    "inclusive",
    "loop",
    "sub",
    "each",
    "each in turn",
    "guarded",
    "failing",
    "call",
    "complex",
    "repeated",
    "ad hoc",
)


class World:
    """A host with a language of its own: ``name`` is a variable, ``a<2`` a question, ``name+`` counts up."""

    now = datetime(2027, 1, 4, 9, tzinfo=UTC)
    today = date(2027, 1, 4)
    timezone = UTC

    def __init__(self, specs: Mapping[str, ProcessSpec]) -> None:
        self._by_key = specs
        self._by_id = {spec.definition_id: spec for spec in specs.values()}

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        if expression in ("True", "False"):
            return expression == "True"
        if expression.startswith("activationCount>"):
            return variables["activationCount"] > int(expression.partition(">")[2])
        name, question, limit = expression.partition("<")
        if question:
            return variables.get(name, 0) < int(limit)
        return ["x", "y"] if expression == "two" else variables.get(expression)

    def execute(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return {script.removesuffix("+"): variables.get(script.removesuffix("+"), 0) + 1}

    def attempt(self) -> AbstractContextManager[None]:
        return nullcontext()

    def call(self, operation: str, inputs: Mapping[str, Any], element: str) -> Mapping[str, Any]:
        return {}

    def outside(self, operation: str) -> None:
        return None

    def decide(self, definition_id: int, decision: str, variables: Mapping[str, Any]) -> Decided:
        return Decided(None)

    def called_process(self, definition_id: int, key: str) -> ProcessSpec:
        return self._by_key[key]

    def spec(self, definition_id: int) -> ProcessSpec:
        return self._by_id[definition_id]

    def moment(self, text: str) -> datetime:
        return moment(text, UTC)


class Writer:
    """Writes blocks as BPMN, each with one way in and one way out."""

    def __init__(self) -> None:
        self._numbers = count()
        self.called: list[str] = []

    def write(self, block: Any) -> tuple[str, str, str]:
        """The XML of a block, the element that it begins with, and the one that it ends with."""
        kind, parts = block
        number = next(self._numbers)
        if kind in LEAVES:
            return self._leaf(kind, f"{kind}_{number}")
        if kind == "sequence":
            return self._sequence(parts)
        if kind in ("parallel", "exclusive", "inclusive", "complex"):
            return self._gateway(kind, number, parts)
        if kind == "loop":
            return self._loop(number, parts[0])
        return self._activity(kind, f"{kind.replace(' ', '_')}_{number}", parts[0])

    def _leaf(self, kind: str, element: str) -> tuple[str, str, str]:
        told = '<bpmn:messageEventDefinition messageRef="told"/>'
        written = {
            "user": node("userTask", element, planflow_assignee="somebody"),
            "script": script(element, f"n_{element}+"),
            "timer": node("intermediateCatchEvent", element, timer("timeDuration", "P1D")),
            "message": node("intermediateCatchEvent", element, told),
            "task": node("task", element),
        }
        return written[kind], element, element

    def _sequence(self, parts: list[Any]) -> tuple[str, str, str]:
        written = [self.write(part) for part in parts]
        joined = "".join(flow(one[2], other[1]) for one, other in pairwise(written))
        return "".join(part[0] for part in written) + joined, written[0][1], written[-1][2]

    def _gateway(self, kind: str, number: int, parts: list[Any]) -> tuple[str, str, str]:
        split, join = f"split_{number}", f"join_{number}"
        plain = kind in ("parallel", "complex")
        default = {} if plain else {"default": f"{split}_{(last := self.write(parts[-1]))[1]}"}
        branches = [self.write(part) for part in parts[:-1]] + [last if default else self.write(parts[-1])]
        enough = "<bpmn:activationCondition>activationCount&gt;1</bpmn:activationCondition>"
        splits = "parallel" if kind == "complex" else kind
        inside_join = enough if kind == "complex" and len(parts) > 1 else ""
        xml = node(f"{splits}Gateway", split, **default) + node(f"{kind}Gateway", join, inside_join)
        for place, (inside, first, end) in enumerate(branches):
            asked = None if plain or place == len(branches) - 1 else f"c_{number}&lt;{place}"
            xml += inside + flow(split, first, asked) + flow(end, join)
        return xml, split, join

    def _loop(self, number: int, part: Any) -> tuple[str, str, str]:
        merge, counting, again = f"merge_{number}", f"count_{number}", f"again_{number}"
        inside, first, end = self.write(part)
        xml = node("exclusiveGateway", merge) + node(
            "exclusiveGateway", again, default=f"{again}_out_{number}"
        )
        xml += inside + script(counting, f"c_{number}+") + node("task", f"out_{number}")
        xml += way(merge, first) + way(end, counting, again, f"out_{number}")
        return xml + flow(again, merge, f"c_{number}&lt;2"), merge, f"out_{number}"

    def _activity(self, kind: str, element: str, part: Any) -> tuple[str, str, str]:
        inside, first, end = self.write(part)
        if kind == "ad hoc":
            begun = node("task", f"{element}_s") + inside + flow(f"{element}_s", first)
            return node("adHocSubProcess", element, begun), element, element
        body = node("startEvent", f"{element}_s") + inside + flow(f"{element}_s", first)
        if kind == "repeated":
            body += loop("loopCounter&lt;2")
        if kind == "call":
            self.called.append(f'<bpmn:process id="{element}_p" isExecutable="true">{body}</bpmn:process>')
            return node("callActivity", element, calledElement=f"{element}_p"), element, element
        if kind == "failing":
            body += node("endEvent", f"{element}_e", '<bpmn:errorEventDefinition errorRef="bad"/>')
            body += flow(end, f"{element}_e")
        if kind.startswith("each"):
            body += (
                f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(kind != "each").lower()}"'
                ' planflow:collection="=two" planflow:elementVariable="who" planflow:outputElement="=who"'
                f' planflow:outputCollection="all_{element}"/>'
            )
        xml = node("subProcess", element, body)
        if kind not in ("guarded", "failing"):
            return xml, element, element
        return self._guard(xml, kind, element)

    def _guard(self, xml: str, kind: str, element: str) -> tuple[str, str, str]:
        caught = (
            '<bpmn:errorEventDefinition errorRef="bad"/>'
            if kind == "failing"
            else timer("timeDuration", "P1D")
        )
        after = f"{element}_after"
        xml += node("boundaryEvent", f"{element}_b", caught, attachedToRef=element)
        xml += node("exclusiveGateway", after) + way(element, after) + way(f"{element}_b", after)
        return xml, element, after


def blocks() -> st.SearchStrategy[Any]:
    leaves: st.SearchStrategy[Any] = st.tuples(st.sampled_from(LEAVES), st.just([]))

    def extend(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        parts = st.lists(inner, min_size=1, max_size=3)
        return st.tuples(st.just("sequence"), parts) | st.tuples(st.sampled_from(BLOCKS), parts)

    return st.recursive(leaves, extend, max_leaves=8)


def built(block: Any) -> World:
    writer = Writer()
    inside, first, end = writer.write(block)
    body = node("startEvent", "s") + inside + node("endEvent", "e") + flow("s", first) + flow(end, "e")
    xml = f'{HEAD}{MESSAGE}<bpmn:process id="p" isExecutable="true">{body}</bpmn:process>'
    model, _warnings = read_bpmn(f"{xml}{''.join(writer.called)}</bpmn:definitions>".encode(), "p.bpmn")
    return World({key: ProcessSpec(n, p) for n, (key, p) in enumerate(model.processes.items(), start=1)})


def waiting(live: LiveInstance) -> list[Any]:
    """What somebody outside can bring forward."""
    listens = ("timer", "message")
    return [
        task
        for task in live.tasks.values()
        if is_open_work(task)
        or (task.has_state(TaskState.WAITING) and task.task_spec.element.event.kind in listens)
    ]


def bring_forward(task: Any, step: int) -> None:
    if is_open_work(task):
        task.task_spec.finish(task, {"last": step}, None, None, "somebody")
    else:
        task.task_spec.trigger(task, {"last": step})


def life(world: World, choices: list[int], restarting: bool) -> list[Any]:
    """Everything that can be seen of a life: records, variables and what waits, wait by wait."""
    live = LiveInstance(world.spec(1), world, CONSTANTS, interactive=False)
    live.start({})
    seen: list[Any] = []
    for step, choice in enumerate(choices):
        seen.append([str(live.records), live.status, dump(live), [t.id for t in waiting(live)]])
        live.records.clear()
        open_ = waiting(live)
        if live.status != "active" or not open_:
            break
        number = open_[choice % len(open_)].id
        if restarting:
            state, variables = json.loads(json.dumps(dump(live)))
            live = restore(state, variables, world, CONSTANTS, interactive=False)
            assert dump(live) == (state, variables)
        task = live.find(number)
        assert task is not None
        bring_forward(task, step)
    return seen


@settings(max_examples=150, deadline=None)
@given(block=blocks(), choices=st.lists(st.integers(0, 50), min_size=40, max_size=40))
def test_stored_and_restored_after_every_step_it_lives_the_same_life(block: Any, choices: list[int]) -> None:
    world = built(block)
    uninterrupted = life(world, choices, restarting=False)
    assert life(world, choices, restarting=True) == uninterrupted
    final = uninterrupted[-1]
    assert "IncidentRaised" not in final[0]
    assert final[1] == "completed" or final[3], "it neither ended nor waits for anybody"
