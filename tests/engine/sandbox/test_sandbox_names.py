"""Reading a source without running it: its free names, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.sandbox import RESERVED, Sandbox
from engine.sandbox.functions import STARLARK_NAMES
from engine.sandbox.sandbox import Kind


def test_what_a_script_assigns_is_known_without_running_it(sandbox: Sandbox) -> None:
    script = "a = 1\nif a:\n  b, c = 1, 2\nfor d in [1]:\n  _e = d\nf[0] = 3"
    assert sandbox.assigned(script) == {"a", "b", "c"}
    assert sandbox.assigned("a = ") == frozenset()


@pytest.mark.parametrize(
    ("kind", "source", "names"),
    [
        ("expression", "amount > 3 and urgency", "amount urgency"),
        ("expression", '[g["name"] for g in goals if g["due"] > limit]', "goals limit"),
        ("expression", "[a + b for a in rows for b in a]", "rows"),
        ("expression", "{k: v for k, v in plan.items()}", "plan"),
        ("expression", "sorted(goals, key=lambda g: g[field])", "goals field"),
        ("expression", 'var("round_count", fallback)', "fallback"),
        ("expression", "superior(starter)", "starter"),
        ("expression", 'f"{year} {plan}"', "year plan"),
        ("expression", "plan.keys()[0:last]", "plan last"),
        ("expression", "amount >", ""),
        ("script", "total = 0\nfor g in goals:\n  total += g", "goals"),
        ("script", "rounds += 1", "rounds"),
        ("script", "plan['year'] = year", "plan year"),
        ("script", "if late:\n  x = 1\ny = x", "late x"),
        ("script", "if late:\n  x = 1\nelse:\n  x = 2\ny = x", "late"),
        ("script", "for g in goals:\n  last = g\nx = last", "goals last"),
        (
            "script",
            "def f(a, b=limit):\n  c = a + outer\n  return c + later\nlater = 1\nx = f(1)",
            "limit outer",
        ),
        ("script", "a, b = pair\nc = a + b", "pair"),
        ("script", "x: int = start", "start"),
    ],
)
def test_free_names_are_those_read_before_they_have_a_value(
    sandbox: Sandbox, kind: Kind, source: str, names: str
) -> None:
    assert sandbox.names(source, kind) == frozenset(names.split())


@pytest.mark.parametrize(
    ("kind", "source", "problem"),
    [
        ("script", "x = 1\nimport os", "line 2: cannot use reserved keyword `import`"),
        ("script", "while True:\n  pass", "line 1: cannot use reserved keyword `while`"),
        ("script", "x = (1 +\n", "line 1: unexpected new line"),
        ("script", "def f():\nx = 1", "line 2: "),
        ("script", "x = 計畫", "line 1: invalid input `計`"),
        ("script", "load('other', 'x')", "line 1: `load` is not allowed"),
        ("script", "for sum in [1]:\n  pass", "line 1: `sum` is the name of a function"),
        ("expression", "a < b < c", "line 1: unexpected symbol '<'"),
        ("expression", "x is None", "line 1: cannot use reserved keyword `is`"),
        ("expression", "date == due", "line 1: `date` is a function"),
        ("expression", "x" * 70_000, "longer than 65536 characters"),
    ],
)
def test_what_keeps_a_source_from_running_is_told_with_its_line(
    sandbox: Sandbox, kind: Kind, source: str, problem: str
) -> None:
    (found,) = sandbox.check(source, kind)
    assert found.startswith(problem)


def test_a_sound_source_has_no_problems(sandbox: Sandbox) -> None:
    assert sandbox.check("amount > 3") == []
    assert sandbox.check("x = amount\ny = x", "script") == []


@pytest.mark.parametrize("name", sorted(STARLARK_NAMES))
def test_every_reserved_starlark_name_is_a_function_of_the_language(sandbox: Sandbox, name: str) -> None:
    assert sandbox.evaluate(f"str({name})", {}) == name


def test_no_other_name_of_python_is_there(sandbox: Sandbox) -> None:
    import builtins

    for name in set(dir(builtins)) - RESERVED - {"None", "True", "False"}:
        if name.isidentifier() and not sandbox.check(name):
            assert sandbox.names(name) == {name}
            assert sandbox.evaluate(f'var("{name}", "absent")', {}) == "absent"


def test_every_function_is_in_the_reference() -> None:
    reference = (Path(__file__).parents[3] / "docs" / "reference" / "expressions.md").read_text("utf-8")
    starlark = set(reference.partition("From Starlark: `")[2].partition("`")[0].split())
    assert starlark == STARLARK_NAMES - {"fail"}
    assert [name for name in RESERVED - starlark if f"`{name}(" not in reference] == []
