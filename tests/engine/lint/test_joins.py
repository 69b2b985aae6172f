"""Parallel joins that never get their tokens, and branches that meet without one."""

from itertools import pairwise

import pytest

from tests.engine.lint.conftest import Lint
from tests.engine.xml_text import bpmn, flow, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
WAITS, TWICE = "bpmn.join-waits-for-ever", "bpmn.runs-twice"


def diamond(split: str, join: str, inside: str = "") -> bytes:
    default = {} if split in ("parallelGateway", "task") else {"default": "g_b"}
    body = START + node(split, "g", **default) + node("task", "a") + node("task", "b") + node(join, "j") + END
    condition = None if split in ("parallelGateway", "task") else "x"
    return bpmn(body + inside + way("s", "g") + flow("g", "a", condition) + flow("g", "b") + way("a", "j", "e")
                + way("b", "j"))  # fmt: skip


def test_a_parallel_join_after_a_choice_waits_for_ever(lint: Lint) -> None:
    assert lint(WAITS, diamond("exclusiveGateway", "parallelGateway")) == [("j", "error")]


@pytest.mark.parametrize("split", ["parallelGateway", "inclusiveGateway", "task"])
def test_a_parallel_join_after_a_split_does_not(lint: Lint, split: str) -> None:
    assert lint(WAITS, diamond(split, "parallelGateway")) == []


@pytest.mark.parametrize("join", ["exclusiveGateway", "inclusiveGateway"])
def test_other_joins_never_wait_for_ever(lint: Lint, join: str) -> None:
    assert lint(WAITS, diamond("exclusiveGateway", join)) == []


def test_one_choice_among_parallel_branches_is_found(lint: Lint) -> None:
    body = START + END + node("parallelGateway", "g") + node("exclusiveGateway", "x", default="x_b")
    body += node("task", "a") + node("task", "b") + node("task", "c") + node("parallelGateway", "j")
    body += way("s", "g", "x", "b", "j", "e") + flow("x", "a", "y") + way("a", "j") + way("g", "c", "j")
    assert lint(WAITS, bpmn(body)) == [("j", "error")]


def test_a_loop_back_into_a_join_waits_for_ever(lint: Lint) -> None:
    body = (
        START
        + node("parallelGateway", "j")
        + node("task", "t")
        + node("exclusiveGateway", "x", default="x_e")
    )
    assert lint(WAITS, bpmn(body + END + way("s", "j", "t", "x", "e") + flow("x", "j", "again"))) == [
        ("j", "error")
    ]


def test_a_loop_around_split_and_join_is_fine(lint: Lint) -> None:
    body = START + node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="x_e") + END
    body += (
        node("parallelGateway", "g") + node("task", "a") + node("task", "b") + node("parallelGateway", "j")
    )
    body += way("s", "m", "g", "a", "j", "x", "e") + way("g", "b", "j") + flow("x", "m", "again")
    assert lint(WAITS, bpmn(body)) == []
    assert lint(TWICE, bpmn(body)) == []


def test_branches_that_choose_one_after_the_other_may_still_meet(lint: Lint) -> None:
    body = START + node("parallelGateway", "g") + END
    for side in ("l", "r"):
        body += node("exclusiveGateway", f"x{side}", default=f"x{side}_j1") + way("g", f"x{side}")
        body += flow(f"x{side}", "j1") + flow(f"x{side}", "j2", "other")
    body += node("parallelGateway", "j1") + node("parallelGateway", "j2") + way("j1", "e") + way("j2", "e")
    assert lint(WAITS, bpmn(body + way("s", "g"))) == []


def test_a_branch_of_a_boundary_event_comes_instead_or_beside(lint: Lint) -> None:
    for interrupting, found in (("true", [("j", "error")]), ("false", [])):
        event = timer("timeDuration", "P1D")
        body = node("boundaryEvent", "b", event, attachedToRef="t", cancelActivity=interrupting)
        body += START + END + node("userTask", "t") + node("parallelGateway", "j") + way("s", "t", "j", "e")
        assert lint(WAITS, bpmn(body + way("b", "j"))) == found


def test_a_join_that_waits_for_another_that_waits_is_not_told_of(lint: Lint) -> None:
    body = START + END + node("parallelGateway", "g") + node("exclusiveGateway", "x", default="x_b")
    body += node("task", "a") + node("task", "b") + node("task", "c")
    body += node("parallelGateway", "j") + node("parallelGateway", "k")
    body += way("s", "g", "x", "b", "j", "k", "e") + flow("x", "a", "y") + way("a", "j") + way("g", "c", "k")
    assert lint(WAITS, bpmn(body)) == [("j", "error")]


def test_each_event_that_starts_a_process_starts_an_instance_of_its_own(lint: Lint) -> None:
    message = '<bpmn:message id="m" name="m"/>'
    other = node("startEvent", "o", '<bpmn:messageEventDefinition messageRef="m"/>')
    body = START + other + node("parallelGateway", "j") + END + way("s", "j", "e") + way("o", "j")
    assert lint(WAITS, bpmn(body, definitions=message)) == [("j", "error")]
    both = bpmn(START + node("startEvent", "o") + node("parallelGateway", "j") + END + way("s", "j", "e")
                + way("o", "j"))  # fmt: skip
    assert lint(WAITS, both) == []


def test_links_carry_tokens(lint: Lint) -> None:
    link = '<bpmn:linkEventDefinition name="on"/>'
    body = START + END + node("parallelGateway", "g") + node("parallelGateway", "j")
    body += node("intermediateThrowEvent", "t", link) + node("intermediateCatchEvent", "c", link)
    assert lint(WAITS, bpmn(body + way("s", "g", "t") + way("c", "j", "e") + way("g", "j"))) == []


def test_an_activity_that_gives_two_tokens_is_two_sources(lint: Lint) -> None:
    for quantity, found in (("1", [("j", "error")]), ("2", [])):
        body = START + END + node("task", "t", completionQuantity=quantity) + node("parallelGateway", "j")
        body += node("exclusiveGateway", "x", default="x_a") + node("task", "a") + node("task", "b")
        body += way("s", "t", "x", "a", "j", "e") + flow("x", "b", "y") + way("b", "j")
        assert lint(WAITS, bpmn(body)) == found


def test_parallel_branches_that_meet_without_a_join_run_twice(lint: Lint) -> None:
    for merge in ("exclusiveGateway", "task"):
        assert lint(TWICE, diamond("parallelGateway", merge)) == [("j", "warning")]
        assert lint(TWICE, diamond("exclusiveGateway", merge)) == []
    assert lint(TWICE, diamond("parallelGateway", "inclusiveGateway")) == []


def test_an_inclusive_join_goes_on_once(lint: Lint) -> None:
    body = START + END + node("parallelGateway", "g") + node("task", "a") + node("task", "b")
    body += node("inclusiveGateway", "j") + node("exclusiveGateway", "x", default="x_c") + node("task", "c")
    body += node("task", "d") + node("exclusiveGateway", "m")
    body += (
        way("s", "g", "a", "j", "x", "c", "m", "e") + way("g", "b", "j") + flow("x", "d", "y") + way("d", "m")
    )
    assert lint(TWICE, bpmn(body)) == []
    assert lint(TWICE, bpmn(body.replace("inclusive", "exclusive"))) == [("j", "warning")]


def test_branches_that_meet_without_a_join_inside_a_loop_are_found(lint: Lint) -> None:
    body = START + END + node("exclusiveGateway", "m") + node("parallelGateway", "g") + node("task", "a")
    body += node("task", "b") + node("exclusiveGateway", "j") + node("exclusiveGateway", "x", default="x_e")
    body += way("s", "m", "g", "a", "j", "x", "e") + way("g", "b", "j") + flow("x", "m", "again")
    assert lint(TWICE, bpmn(body)) != []


def test_several_branches_may_end_in_one_event(lint: Lint) -> None:
    body = START + END + node("parallelGateway", "g") + node("task", "a") + node("task", "b")
    assert lint(TWICE, bpmn(body + way("s", "g", "a", "e") + way("g", "b", "e"))) == []


def test_what_merges_behind_a_doubled_way_is_not_told_of_again(lint: Lint) -> None:
    body = START + END + node("parallelGateway", "g") + node("exclusiveGateway", "m") + node("task", "j")
    body += node("exclusiveGateway", "x", default="x_a") + node("task", "a") + node("task", "b")
    body += way("s", "g", "m") + way("m", "x", "a", "j", "e") + flow("x", "b", "y") + way("b", "j")
    body += node("task", "c") + way("g", "c", "m")
    assert lint(TWICE, bpmn(body)) == [("m", "warning")]


def test_a_large_process_is_looked_through_quickly(lint: Lint) -> None:
    ids = [f"t{number}" for number in range(200)]
    body = START + END + node("parallelGateway", "g") + node("parallelGateway", "j")
    body += (
        "".join(node("userTask", each) + way("g", each, "j") for each in ids) + way("s", "g") + way("j", "e")
    )
    chain = [f"x{number}" for number in range(100)]
    body += "".join(node("exclusiveGateway", each, default=f"{each}_{after}") + flow(each, after)
                    for each, after in pairwise([*chain, "e2"]))  # fmt: skip
    body += "".join(flow(each, "e2", "x").replace(f'"{each}_e2"', f'"{each}_out"') for each in chain)
    assert lint(WAITS, bpmn(body + node("endEvent", "e2") + way("s", "x0"))) == []
