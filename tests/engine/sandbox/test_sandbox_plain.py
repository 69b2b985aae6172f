"""What is answered without a worker is answered as a worker would."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.sandbox import Sandbox, ScriptFailed
from engine.sandbox import sandbox as module
from engine.sandbox.plain import UNSURE, look_up

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(["a", "b", "approve"])
NUMBERS = st.integers(-(10**25), 10**25) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=3) | st.dictionaries(TEXTS, v, max_size=3))
LITERALS = st.sampled_from(["a", "b", "approve", "審批", "", "two words", "a'b", "#", "\t"])
ALL_NAMES = ["x", "outcome", "len", "None", "True", "not", "lambda", "_x", "X1", "now", "sum", "load"]
NAMES = st.sampled_from(ALL_NAMES)
SPACES = st.sampled_from(["", " ", "\n", "  "])


@st.composite
def expressions(draw):
    keys = "".join(f'["{key}"]' for key in draw(st.lists(LITERALS, max_size=2)))
    compared = draw(st.sampled_from(["", "==", "!="]))
    text = f'{draw(SPACES)}{compared}{draw(SPACES)}"{draw(LITERALS)}"' if compared else ""
    return draw(SPACES) + draw(NAMES) + keys + text + draw(SPACES)


def answer(sandbox, expression, variables):
    """The value as JSON, or why there is none. A worker sorts keys; their order does not count here."""
    try:
        return json.dumps(sandbox.evaluate(expression, variables), sort_keys=True)
    except ScriptFailed as failed:
        return failed.kind, str(failed)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expressions(), VALUES, st.lists(LITERALS, max_size=2), st.booleans())
def test_answers_are_those_of_a_worker(sandbox, expression, value, path, known):
    for key in path:
        value = {key: value}
    variables = dict.fromkeys(ALL_NAMES, value) if known else {}
    here = answer(sandbox, expression, variables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "look_up", lambda *_: UNSURE)
        assert here == answer(sandbox, expression, variables)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("x", {"a": ["b"]}),
        (' x["a"] ', ["b"]),
        ('outcome == "approve"', True),
        ('outcome != "approve"', False),
        ('x == "a"', False),
        ('x["a"]\n!= "b"', True),
    ],
)
def test_plain_expressions_need_no_worker(monkeypatch, expression, value):
    sandbox = Sandbox()
    monkeypatch.setattr(sandbox, "_read", lambda *_: (("x", "outcome"), (), ()))
    monkeypatch.setattr(sandbox, "_exchange", lambda *_: pytest.fail("a worker was asked"))
    assert sandbox.evaluate(expression, {"x": {"a": ["b"]}, "outcome": "approve"}) == value


@pytest.mark.parametrize(
    "expression",
    [
        "x + 1",
        "x.y",
        "x()",
        "x[0]",
        'x["a\\n"]',
        "x == 1",
        'x == "a" == "b"',
        "x # y",
        'f"{x}"',
        "x == 'a'",
        "é",
    ],
)
def test_everything_else_goes_to_a_worker(expression):
    assert look_up(expression, {"x", "é"}, {"x": {"a": 1}, "é": 1}, 1000) is UNSURE


@pytest.mark.parametrize(
    "value",
    ["x" * 1000, [[]] * 101, float("nan"), "\ud800", {1, 2}],
    ids=["long", "deep", "nan", "half", "set"],
)
def test_what_may_be_too_much_for_a_worker_is_left_for_it_to_judge(value):
    assert look_up("x", {"x"}, {"x": value}, 1000) is UNSURE


def test_a_value_that_was_looked_up_is_the_askers_own(sandbox):
    variables = {"x": {"a": [1]}}
    sandbox.evaluate("x", variables)["a"].append(2)
    assert variables == {"x": {"a": [1]}}
