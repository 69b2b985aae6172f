"""Choices that may find no way."""

import pytest

from engine.lint.choices import Choice, choice, one_always_holds
from tests.engine.lint.conftest import Lint
from tests.engine.xml_text import bpmn, flow, node, way

START, ENDS = node("startEvent", "s"), node("endEvent", "a") + node("endEvent", "b")
RULE = "bpmn.no-way-out"


def outcomes(*ids: str) -> str:
    each = "".join(f'<planflow:outcome id="{key}" name="{key}"/>' for key in ids)
    return f"<bpmn:extensionElements><planflow:outcomes>{each}</planflow:outcomes></bpmn:extensionElements>"


def asked(one: str, other: str | None, kind: str = "exclusiveGateway", default: bool = False) -> bytes:
    given = {"default": "g_b"} if default else {}
    task = node("userTask", "review", outcomes("approve", "return"), planflow_outcomeVariable="decision")
    ways = flow("g", "a", one.replace("<", "&lt;")) + (flow("g", "b", other) if other or default else "")
    return bpmn(START + task + node(kind, "g", **given) + ENDS + way("s", "review", "g") + ways)


def test_conditions_without_a_default_are_doubtful(lint: Lint) -> None:
    for kind in ("exclusiveGateway", "inclusiveGateway", "task"):
        assert lint(RULE, asked("amount > 10", "urgent", kind)) == [("g", "warning")]
        assert lint(RULE, asked("amount > 10", None, kind, default=True)) == []


def test_a_single_condition_without_a_default_is_an_error(lint: Lint) -> None:
    for kind in ("exclusiveGateway", "inclusiveGateway", "task"):
        assert lint(RULE, asked("amount > 10", None, kind)) == [("g", "error")]
    assert lint(RULE, asked("True", None)) == []


def test_an_outcome_that_no_condition_asks_for_is_an_error(lint: Lint) -> None:
    assert lint(RULE, asked('decision == "approve"', 'decision == "refuse"')) == [("g", "error")]
    assert lint(RULE, asked('decision == "approve"', 'decision == "return"')) == []
    assert (
        lint(RULE, asked('decision in ["approve", "other"]', 'decision == "return" or decision == "x"')) == []
    )


def test_an_outcome_that_was_sent_another_way_before_is_no_error(lint: Lint) -> None:
    task = node("userTask", "t", outcomes("yes", "no", "ask"), planflow_outcomeVariable="said")
    body = START + ENDS + task + node("exclusiveGateway", "f", default="f_g") + node("exclusiveGateway", "g")
    body += node("task", "c") + way("s", "t", "f", "g") + flow("f", "c", 'said == "ask"')
    model = bpmn(body + flow("g", "a", 'said == "yes"') + flow("g", "b", 'said == "no"'))
    assert lint(RULE, model) == [("g", "warning")]


@pytest.mark.parametrize(
    ("one", "other"),
    [("done", "not done"), ("amount > 10", "amount <= 10"), ("a == b", "a != b"), ("len(x) > 1", "not (len(x) > 1)"),
     ("a or b", "not (a or b)"), ("x", "True")],
)  # fmt: skip
def test_opposites_cover_everything(one: str, other: str) -> None:
    assert one_always_holds([one, other]) == ("len" not in one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a > 1", "a < 1"), ("a > 1 and b", "a <= 1 and b"), ("done", "not finished"), ("a", "not (a) or b")],
)
def test_what_is_no_opposite_is_not_taken_for_one(one: str, other: str) -> None:
    assert not one_always_holds([one, other])


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        ('said == "a"', {"a"}),
        ('var("said", "") == "a" or said == "b"', {"a", "b"}),
        ('said in ("a", "b",)', {"a", "b"}),
        ('said == "a" and x', None),
        ('said == "a" or other == "b"', None),
        ('said == "a  b"', None),
        ('said == f("a")', None),
        ('said != "a"', None),
        (" or ".join(['said == "a"'] * 2000), {"a"}),
        ("x" + " " * 60_000 + "y", None),
    ],
)
def test_only_plain_choices_are_read(condition: str, values: set[str] | None) -> None:
    assert choice(condition) == (None if values is None else Choice("said", frozenset(values)))
