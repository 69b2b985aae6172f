"""Boxed expressions and business knowledge models (DMN 1.3 §7.3 and §6.3.9)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.decisions import DecisionFailed, evaluate, read_decisions
from engine.decisions.model import Decision
from engine.errors import NotDeployable
from tests.engine.decisions.dmn import file, table

KNOWS = '<knowledgeRequirement><requiredKnowledge href="#{}"/></knowledgeRequirement>'


def written(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def deciding(logic: str, *, before: str = "", more: str = "", type: str = "Any") -> Decision:
    """The decision with this logic."""
    variable = f'<variable name="top" typeRef="{type}"/>'
    decision = f'<decision id="top" name="Top">{variable}{before}{logic}</decision>'
    return next(each for each in read_decisions(file(decision, more=more)) if each.id == "top")


def decided(decision: Decision, **variables: Any) -> Any:
    def no_sandbox(source: str, _variables: Any) -> Any:
        raise AssertionError(f"{source} was not read as FEEL")

    return evaluate(decision, variables, no_sandbox).outputs


def entry(name: str | None, logic: str) -> str:
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def model(id: str, parameters: str, logic: str, *, before: str = "", name: str | None = None) -> str:
    formal = "".join(f'<formalParameter name="{each}" typeRef="Any"/>' for each in parameters.split())
    return (
        f'<businessKnowledgeModel id="{id}" name="{name or id}"><encapsulatedLogic>{formal}{logic}'
        f"</encapsulatedLogic>{before}</businessKnowledgeModel>"
    )


def test_an_entry_of_a_context_sees_those_before_it() -> None:
    logic = f"<context>{entry('net', written('100'))}{entry('gross', written('net * 1.1'))}</context>"
    assert decided(deciding(logic)) == {"net": 100, "gross": 110}


def test_the_last_entry_without_a_name_is_the_result_of_a_context() -> None:
    logic = f"<context>{entry('net', written('n'))}{entry(None, written('net + 1'))}</context>"
    assert decided(deciding(logic), n=1) == 2


def test_a_list_and_a_relation_hold_expressions() -> None:
    assert decided(deciding(f"<list>{written('1')}{written('n + 1')}</list>"), n=1) == [1, 2]
    row = f"<row>{written('1')}{written('n')}</row>"
    relation = f'<relation><column name="a"/><column name="b"/>{row}{row}</relation>'
    assert decided(deciding(relation), n=5) == [{"a": 1, "b": 5}] * 2


def test_a_table_may_be_part_of_a_context() -> None:
    inner = table([("n", "number")], [("level", "string")], [("> 1", '"high"')])
    inner = inner[inner.index("<decisionTable") : inner.index("</decision>")]
    decision = deciding(f"<context>{entry('level', inner)}</context>")
    result = evaluate(decision, {"n": 2}, lambda *_: None)
    assert (result.outputs, result.matched_rules) == ({"level": "high"}, ["r1"])


def test_a_knowledge_model_is_called_from_feel() -> None:
    decision = deciding(
        written("tax(10) + tax(20)"), before=KNOWS.format("tax"), more=model("tax", "x", written("x * 2"))
    )
    assert decided(decision) == 60


def test_a_knowledge_model_is_invoked_with_bindings() -> None:
    bindings = "".join(
        f'<binding><parameter name="{name}"/>{written(text)}</binding>'
        for name, text in [("b", "n"), ("a", "10")]
    )
    logic = f"<invocation>{written('less')}{bindings}</invocation>"
    decision = deciding(
        logic, before=KNOWS.format("m"), more=model("m", "a b", written("a - b"), name="less")
    )
    assert decided(decision, n=3) == 7


def test_a_knowledge_model_may_be_a_table_and_its_rules_are_told() -> None:
    inner = table([("x", "number")], [("level", "string")], [("<= 1", '"low"'), ("> 1", '"high"')])
    inner = inner[inner.index("<decisionTable") : inner.index("</decision>")]
    decision = deciding(
        written("level of(5)"), before=KNOWS.format("m"), more=model("m", "x", inner, name="level of")
    )
    result = evaluate(decision, {}, lambda *_: None)
    assert (result.outputs, result.matched_rules) == ("high", ["r2"])


def test_a_knowledge_model_sees_its_parameters_and_nothing_else() -> None:
    decision = deciding(
        written("tax(1)"), before=KNOWS.format("tax"), more=model("tax", "x", written("x + n"))
    )
    with pytest.raises(DecisionFailed, match="there is no variable “n”"):
        decided(decision, n=1)


def test_models_that_call_each_other_again_and_again_come_to_an_end() -> None:
    more = model("m0", "x", written("x"))
    for n in range(1, 40):
        more += model(f"m{n}", "x", written(f"m{n - 1}(x) + m{n - 1}(x)"), before=KNOWS.format(f"m{n - 1}"))
    decision = deciding(written("m39(1)"), before=KNOWS.format("m39"), more=more)
    with pytest.raises(DecisionFailed, match="more than 300000 steps"):
        decided(decision)


def test_lists_that_are_doubled_again_and_again_come_to_an_end() -> None:
    entries = entry("a0", written("[1]"))
    entries += "".join(entry(f"a{n}", written(f"[a{n - 1}, a{n - 1}]")) for n in range(1, 60))
    with pytest.raises(DecisionFailed, match="more than 1000000 characters"):
        decided(deciding(f"<context>{entries}</context>"))


TAX = model("tax", "x", written("x"))


@pytest.mark.parametrize(
    ("logic", "before", "more", "reason"),
    [
        (
            written("tax(1, 2)"),
            KNOWS.format("tax"),
            model("tax", "x", written("x")),
            "“tax” can be called in FEEL only",
        ),
        (
            written("len(tax(1))"),
            KNOWS.format("tax"),
            model("tax", "x", written("x")),
            "“tax” can be called in FEEL",
        ),
        (
            f"<invocation>{written('tax')}</invocation>",
            KNOWS.format("tax"),
            model("tax", "x", written("x")),
            "The parameter “x” of “tax” is not given",
        ),
        (written("1"), KNOWS.format("other"), "", "“#other” is no business knowledge model in this file"),
        (
            written("1"),
            "",
            model("tax", "x", written("x")).replace("<encapsulatedLogic>", '<encapsulatedLogic kind="Java">'),
            "Functions of the kind “Java” are not executed",
        ),
        (
            written("1"),
            "",
            model("a", "x", written("1"), before=KNOWS.format("a")),
            "require each other in a ring, by way of “a”",
        ),
        (
            f"<context>{entry(None, written('1'))}{entry('a', written('1'))}</context>",
            "",
            "",
            "Each entry of a context needs a name",
        ),
    ],
)
def test_what_cannot_be_called_is_refused(logic: str, before: str, more: str, reason: str) -> None:
    with pytest.raises(NotDeployable) as refused:
        deciding(logic, before=before, more=more)
    assert reason in " | ".join(problem.reason for problem in refused.value.problems)
