from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.feel_syntax import FeelRefused, names, parse
from engine.forms.feel_values import evaluate, hides, root_scope

# What @bpmn-io/feelin 6.1, which form-js 1.23 uses, says: source, unary test (hides), value.
TABLE = json.loads((Path(__file__).parent / "feelin.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("source", "hidden", "value"), TABLE["cases"], ids=[case[0] for case in TABLE["cases"]]
)
def test_an_expression_means_on_the_server_what_it_means_in_the_browser(
    source: str, hidden: bool, value: Any
) -> None:
    node, scope = parse("=" + source), root_scope(TABLE["data"])
    assert hides(node, scope) is hidden
    assert evaluate(node, scope) == value


@pytest.mark.parametrize(
    "source",
    [
        "a = 1",  # not an expression
        "=",
        "=a =",
        "=(a",
        "=a b",
        "=for x in l return x",
        "=some x in l satisfies x",
        "=date(a)",
        "=[1, 2]",
        "={a: 1}",
        "=a between 1 and 2",
        "=a[1]",
        "=a in [1..2]",
        "=- a",
        "=a; b",
        "=count(a, b)",
        "=not()",
        "='text'",
        "=" + "(" * 60 + "a" + ")" * 60,
        "=" + "a" * 3000,
    ],
)
def test_what_is_outside_the_supported_part_is_refused(source: str) -> None:
    with pytest.raises(FeelRefused):
        parse(source)


def test_the_names_that_an_expression_reads_are_known() -> None:
    assert names(parse('=a.b = "x" and sum(goals.weight) > limit')) == {"a", "goals", "limit"}


def test_a_row_is_this_and_what_is_around_it_is_parent() -> None:
    scope = root_scope({"kind": "outer", "rows": [{"kind": "inner"}]}).row({"kind": "inner"})
    assert evaluate(parse("=this.kind"), scope) == "inner"
    assert evaluate(parse("=parent.kind"), scope) == "outer"
    assert evaluate(parse("=kind"), scope) == "outer"
