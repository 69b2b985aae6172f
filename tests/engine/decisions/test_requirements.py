"""Decisions that require others, in one file and across files (DMN 1.3 §6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions import Decision, evaluate, read_decision_files, read_decisions
from engine.decisions.requirements import MAX_CHAIN, in_order
from engine.errors import NotDeployable
from engine.sandbox import Sandbox
from tests.engine.decisions.dmn import HEAD, file, requires, table

DMN13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def literal(id: str, text: str, *, before: str = "", name: str | None = None) -> str:
    """A decision that is one expression."""
    return (
        f'<decision id="{id}" name="{name or id}">{before}<literalExpression id="{id}_e"><text>{text}</text>'
        "</literalExpression></decision>"
    )


def named(id: str, *decisions: str) -> Decision:
    """The decision with this id."""
    return next(each for each in read_decisions(file(*decisions)) if each.id == id)


def no_sandbox(source: str, _variables: Any) -> Any:
    raise AssertionError(f"{source} was not read as FEEL")


def test_a_decision_that_two_others_require_is_made_once() -> None:
    asked = []

    def ask(source: str, variables: Any) -> Any:
        asked.append(source)
        return 1

    decision = named(
        "top",
        literal("top", "left + right", before=requires("left") + requires("right")),
        literal("left", "base", before=requires("base")),
        literal("right", "base", before=requires("base")),
        literal("base", "len(goals)"),
    )
    result = evaluate(decision, {"goals": [1]}, ask)
    assert (result.outputs, asked) == (2, ["len(goals)"])
    assert [made.decision for made in result.required] == ["base", "left", "right"]


def test_the_rules_of_required_decisions_are_told() -> None:
    basis = table([("x", "number")], [("level", "string")], [("> 1", '"high"')], id="basis")
    top = table(
        [("basis", "string")],
        [("days", "number")],
        [('"low"', "1"), ('"high"', "5")],
        before=requires("basis"),
    )
    result = evaluate(named("check", basis, top), {"x": 2}, no_sandbox)
    assert (result.outputs, result.matched_rules) == ({"days": 5}, ["r2"])
    (made,) = result.required
    assert (made.decision, made.outputs, made.matched_rules) == ("basis", {"level": "high"}, ("basis_r1",))


def test_what_is_required_by_way_of_another_is_not_seen() -> None:
    decision = named(
        "top",
        literal("top", "base", before=requires("middle")),
        literal("middle", "base", before=requires("base")),
        literal("base", "1"),
    )
    with pytest.raises(Exception, match="there is no variable “base”"):
        evaluate(decision, {}, no_sandbox)


def test_a_result_is_seen_by_the_name_of_its_decision_even_with_spaces() -> None:
    decision = named(
        "top",
        literal("top", "Guest Count * 2", before=requires("guests")),
        literal("guests", "4", name="Guest Count"),
    )
    assert evaluate(decision, {}, no_sandbox).outputs == 8


def test_input_data_with_spaces_is_a_variable_of_that_name() -> None:
    needed = '<informationRequirement><requiredInput href="#i"/></informationRequirement>'
    (decision,) = read_decisions(
        file(literal("top", "Net Amount + 1", before=needed), more='<inputData id="i" name="Net Amount"/>')
    )
    assert evaluate(decision, {"Net Amount": 2}, no_sandbox).outputs == 3


def test_a_chain_of_decisions_has_an_end() -> None:
    chain = [literal("d0", "1"), *(literal(f"d{n}", "1", before=requires(f"d{n - 1}")) for n in range(1, 60))]
    with pytest.raises(NotDeployable) as refused:
        read_decisions(file(*chain))
    assert [problem.element for problem in refused.value.problems] == [f"d{n}" for n in range(MAX_CHAIN, 60)]


def imports(name: str | None, namespace: str = "urn:base", location: str = "base.dmn") -> str:
    named = f'name="{name}" ' if name else ""
    return f'<import {named}namespace="{namespace}" locationURI="{location}" importType="{DMN13}"/>'


BASE = file(literal("limit", "100"), head=HEAD.replace("urn:test", "urn:base"))
OTHER = BASE.replace(b"limit", b"other")
BY_NAMESPACE = '<informationRequirement><requiredDecision href="urn:base#limit"/></informationRequirement>'


@pytest.mark.parametrize(("name", "text"), [("base", "base.limit + 1"), (None, "limit + 1")])
def test_a_decision_may_require_one_of_another_file(name: str | None, text: str) -> None:
    top = file(literal("top", text, before=BY_NAMESPACE), more=imports(name))
    (decision,) = read_decision_files({"top.dmn": top, "base.dmn": BASE}).decisions["top.dmn"]
    assert evaluate(decision, {}, no_sandbox).outputs == 101


@pytest.mark.parametrize(
    ("more", "beside", "reason"),
    [
        ("", {"base.dmn": BASE}, "The namespace “urn:base” is imported 0 times"),
        (imports("base"), {}, "0 files beside it are what is imported, “base.dmn”"),
        (imports("base", location="other.dmn"), {"base.dmn": BASE}, "0 files beside it are what is imported"),
        (
            imports("base").replace(DMN13, "http://www.w3.org/2001/XMLSchema"),
            {"base.dmn": BASE},
            "Only DMN files are imported",
        ),
        (
            imports("base"),
            {"base.dmn": BASE.replace(b"limit", b"other")},
            "“urn:base#limit” is no decision in “base.dmn”",
        ),
    ],
)
def test_what_is_required_from_another_file_must_be_there(
    more: str, beside: dict[str, bytes], reason: str
) -> None:
    top = file(literal("top", "1", before=BY_NAMESPACE), more=more)
    with pytest.raises(NotDeployable) as refused:
        read_decision_files({"top.dmn": top, **beside})
    assert reason in " | ".join(problem.reason for problem in refused.value.problems)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30))
def test_everything_comes_after_what_it_requires_or_is_told_to_be_in_a_ring(
    edges: list[tuple[int, int]],
) -> None:
    needed: dict[int, list[int]] = {key: [] for key in range(13)}
    for key, required in edges:
        needed[key].append(required)
    order = in_order(needed)
    assert sorted(order.keys + order.rings) == list(range(13))
    for place, key in enumerate(order.keys):
        assert set(needed[key]) <= set(order.keys[:place])
    for key in order.rings:
        assert set(needed[key]) & set(order.rings)


def test_starlark_sees_required_decisions(sandbox: Sandbox) -> None:
    decision = named(
        "top", literal("top", 'base["a"]', before=requires("base")), literal("base", "{&quot;a&quot;: 7}")
    )
    assert evaluate(decision, {}, sandbox.evaluate).outputs == 7
