"""JUEL and FEEL come to the same in Starlark, or are refused, or stop with an incident; never to something else."""

from __future__ import annotations

from typing import Any

import pytest

from engine.bpmn.dialects.translation import (
    Names,
    NotTranslatable,
    feel_condition,
    from_feel,
    from_juel,
    juel_condition,
    literal,
)
from engine.sandbox import Sandbox, ScriptFailed

VARIABLES: dict[str, Any] = {
    "amount": 150,
    "half": 0.5,
    "urgency": "high",
    "approved": True,
    "said": "false",
    "digits": "100",
    "nothing": None,
    "customer": {"name": "Ada", "vip": None, "first name": "A"},
    "items": [1, 2],
    "none": [],
    "type": "x",
}


class Nobody:
    def superior(self, user: str) -> None: ...
    def members(self, group: str) -> list[str]:
        return []

    def display_name(self, user: str) -> str:
        return user


def value(sandbox: Sandbox, source: str) -> Any:
    return sandbox.evaluate(source, VARIABLES | {"business_key": "B-1", "starter": "ada"}, Nobody())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${amount > 100}", True),
        ("#{amount gt 100 && urgency == 'high'}", True),
        ("${amount le 100 or urgency ne 'low'}", True),
        ("${!approved}", False),
        ("${not (amount < 100)}", True),
        ("${amount != 150 || approved}", True),
        ("${empty customer.vip and not empty items and empty none}", True),
        ("${customer.missing == null}", True),
        ("${nothing == null}", True),
        ("${type eq 'x'}", True),
        ("${amount / 2 >= 75}", True),
        ("${'}' == '}'}", True),
    ],
)
def test_a_condition_in_juel_holds_as_it_does_there(sandbox: Sandbox, text: str, expected: bool) -> None:
    assert value(sandbox, juel_condition(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${amount}", 150),
        ("${customer['first name']}", "A"),
        ('${customer["name"]}', "Ada"),
        ("${amount > 100 ? 'large' : 'small'}", "large"),
        ("${amount + 1 - 2 * half}", 150.0),
        ("${-amount}", -150),
        ("Order ${amount} of ${customer.name}", "Order 150 of Ada"),
        ("#{execution.processBusinessKey}", "B-1"),
        ("${'a\\'b'}", "a'b"),
        ("${2.50}", 2.5),
    ],
)
def test_a_value_in_juel_is_what_it_is_there(sandbox: Sandbox, text: str, expected: Any) -> None:
    assert value(sandbox, from_juel(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "${said}",
        "${digits == 100}",
        "${amount == '150'}",
        "${digits + 1 > 5}",
        "${!said}",
        "${nothing > 1}",
        "${gone}",
    ],
)
def test_what_juel_would_convert_stops_instead(sandbox: Sandbox, text: str) -> None:
    with pytest.raises(ScriptFailed):
        value(sandbox, juel_condition(text))


@pytest.mark.parametrize(
    "text",
    [
        "${bean.method()}",
        "${method(amount)}",
        "${items[0]}",
        "${items.size() > 0}",
        "${amount % 2 == 0}",
        "${amount > }",
        "${amount",
        "${now}",
        "${starter == 'x'}",
        "${execution.id}",
        "${task.assignee}",
        "${a ?: b}",
        "${x -> x}",
        "${amount > 1}text",
        "${" + "(" * 60 + "a" + ")" * 60 + "}",
        "${" + "+".join(["a"] * 990) + "}",
        "${" + "==".join(["a"] * 40) + "}",
        "${a" + " " * 3000 + "}",
    ],
)
def test_juel_without_a_certain_equal_is_refused(text: str) -> None:
    with pytest.raises(NotTranslatable):
        juel_condition(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('= amount > 100 and urgency = "high"', True),
        ("=not(approved)", False),
        ("=missing = null", True),
        ("=customer.vip != null", False),
        ("=customer.gone.deeper = null", True),
        ('=urgency in ("high", "low")', True),
        ('=urgency in ["low"]', False),
        ("=amount in [100..150]", True),
        ("=amount in (100..150)", False),
        ("=amount between 1 and 200", True),
        ("=2 in items", True),
        ("=list contains(items, 3)", False),
        ('=contains(urgency, "ig") and starts with(urgency, "h") and ends with(urgency, "h")', True),
        ("=is defined(missing) or is empty(none)", True),
        ("=count(items) = 2 and sum(items) = 3 and max(items) = 2 and min(items) = 1", True),
        ("amount >= 150", True),
    ],
)
def test_a_condition_in_feel_holds_as_it_does_there(sandbox: Sandbox, text: str, expected: bool) -> None:
    assert value(sandbox, feel_condition(text)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('=if amount > 100 then "large" else "small"', "large"),
        ('="for " + customer.name', "for Ada"),
        ("=[amount, -amount, 1.5]", [150, -150, 1.5]),
        ("=upper case(urgency)", "HIGH"),
        ("=sum(none)", None),
        ("=amount * half", 75),
        ("=[]", []),
    ],
)
def test_a_value_in_feel_is_what_it_is_there(sandbox: Sandbox, text: str, expected: Any) -> None:
    assert value(sandbox, from_feel(text)) == expected


@pytest.mark.parametrize(
    "text", ["=amount", "=urgency", "=missing", "=count(urgency) = 4", "=urgency * 2 = 1"]
)
def test_what_is_null_or_another_kind_in_feel_stops_instead(sandbox: Sandbox, text: str) -> None:
    with pytest.raises(ScriptFailed):
        value(sandbox, feel_condition(text))


@pytest.mark.parametrize(
    "text",
    [
        "=items[1]",
        "={a: 1}",
        "=for i in items return i",
        "=some i in items satisfies i > 1",
        '=date("2027-01-01")',
        "=now()",
        "=today",
        "=amount ** 2",
        "=function(x) x",
        "=amount >",
        "=" + "-" * 1900 + "1",
        "=" + "(" * 60 + "1" + ")" * 60,
    ],
)
def test_feel_without_a_certain_equal_is_refused(text: str) -> None:
    with pytest.raises(NotTranslatable):
        from_feel(text)


def test_a_name_may_stand_for_something_else(sandbox: Sandbox) -> None:
    assert value(sandbox, from_juel("${requester}", Names({"requester": "starter"}))) == "ada"


def test_the_answer_of_an_operation_hides_variables(sandbox: Sandbox) -> None:
    source = from_juel("${amount + price}", Names(answer="customer"))
    found = sandbox.evaluate(source, VARIABLES | {"customer": {"amount": 1}, "price": 2}, Nobody())
    assert found == 3


def test_a_text_that_looks_like_an_expression_stays_a_text(sandbox: Sandbox) -> None:
    assert value(sandbox, literal("=amount").removeprefix("=")) == "=amount"
    assert literal("plain") == "plain"
