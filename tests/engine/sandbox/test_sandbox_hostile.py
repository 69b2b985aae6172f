"""Hostile sources: each fails within its limits, and the next evaluation works."""

from __future__ import annotations

import time
from typing import Any

import pytest

from engine.sandbox import PeopleOf, Sandbox, ScriptFailed
from engine.sandbox.worker import LOOKUP_LIMIT

BOMBS = {
    "an endless loop": "for i in range(2000000000):\n  pass",
    "a string that doubles": "x = 'a'\nfor i in range(40):\n  x = x + x",
    "a list that doubles": "x = [0]\nfor i in range(40):\n  x.extend(x)",
    "a list comprehension": "x = [1 for a in range(100000) for b in range(100000)]",
    "a repeated list": "x = [0] * 2000000000",
    "a repeated string": "x = 'a' * 2000000000",
    "a growing dictionary": "d = {}\nfor i in range(100000000):\n  d[i] = str(i)",
    "a replacement": "x = ('a' * 1000000).replace('a', 'b' * 1000)",
    "a sort": "x = sorted(range(20000000))",
    "a join": "x = 'a'.join([str(i) for i in range(100000000)])",
    "a number that squares": "x = 3\nfor i in range(60):\n  x = x * x",
    "a recursion": "def f():\n  return f()\nx = f()",
    "two recursions": "def f():\n  return g()\ndef g():\n  return f()\nx = f()",
    "a deep list": "x = []\nfor i in range(1000000):\n  x = [x]",
    "a deep list as text": "x = []\nfor i in range(1000000):\n  x = [x]\ny = str(x)",
    "two deep lists compared": "a = []\nb = []\nfor i in range(1000000):\n  a = [a]\n  b = [b]\nx = a == b",
    "a moderately deep result": "x = []\nfor i in range(500):\n  x = [x]",
    "a result nested too deeply": "x = []\nfor i in range(150):\n  x = [x]",
    "a ring": "x = []\nx.append(x)",
    "a huge result": "x = 'a' * 5000000",
    "huge results together": "a = 'a' * 3000000\nb = 'b' * 3000000",
    "deep minuses": "x = " + "-" * 60000 + "1",
    "a long sum": "x = " + "1+" * 30000 + "1",
    "deep brackets": "x = " + "[" * 20000 + "]" * 20000,
    "many look-ups": "x = [superior(str(i)) for i in range(100000)]",
}

ESCAPES = {
    "imports": "import os",
    "from imports": "from os import system",
    "loads": 'load("os", "system")',
    "opens files": 'x = open("/etc/hostname")',
    "evaluates": 'x = eval("1")',
    "walks classes": "x = ().__class__.__bases__[0].__subclasses__()",
    "walks functions": "x = days_between.__globals__",
    "walks by getattr": 'x = getattr(days_between("2027-01-01", "2027-01-02"), "__class__")',
    "walks by name": 'x = getattr([], "__cla" + "ss__")',
    "formats an attribute": 'x = "{0.__class__}".format(1)',
    "formats an index": 'x = "{0[__class__]}".format({})',
    "formats with percent": 'x = "%(__class__)s" % 1',
    "f-string": "x = f'{x.__class__}'",
    "imports by builtin": 'x = __import__("os")',
    "reads the builtins": "x = __builtins__",
    "catches": "try:\n  x = 1\nexcept:\n  x = 2",
    "declares a class": "class A:\n  pass",
    "decorates": "@str\ndef f():\n  pass",
    "yields": "def f():\n  yield 1",
    "breaks in": "breakpoint()",
}


class Crowd:
    """Everybody is somebody's superior."""

    def person(self, user: str) -> None:
        return None

    def members(self, group: str) -> list[str]:
        return [group]


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_fails_within_its_limits_and_the_next_evaluation_works(sandbox: Sandbox, name: str) -> None:
    started = time.monotonic()
    with pytest.raises(ScriptFailed) as raised:
        sandbox.execute(BOMBS[name], {}, PeopleOf(Crowd()))
    assert time.monotonic() - started < 4
    assert str(raised.value)
    assert sandbox.evaluate("1 + 1", {}) == 2


@pytest.mark.parametrize("name", ESCAPES)
def test_a_way_out_is_closed(sandbox: Sandbox, name: str) -> None:
    with pytest.raises(ScriptFailed) as raised:
        sandbox.execute(ESCAPES[name], {})
    assert raised.value.kind == "error"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("an endless loop", "timeout"),
        ("a number that squares", "timeout"),
        ("a list that doubles", "memory"),
        ("a repeated list", "memory"),
        ("a replacement", "memory"),
        ("a huge result", "too_large"),
        ("huge results together", "too_large"),
        ("a result nested too deeply", "too_large"),
        ("a moderately deep result", "error"),
        ("a recursion", "error"),
        ("a deep list as text", "error"),
    ],
)
def test_the_kind_of_failure_is_told(sandbox: Sandbox, source: str, kind: str) -> None:
    with pytest.raises(ScriptFailed) as raised:
        sandbox.execute(BOMBS[source], {})
    assert raised.value.kind == kind


def test_a_loop_is_stopped_with_the_line_it_was_in(sandbox: Sandbox) -> None:
    with pytest.raises(ScriptFailed) as raised:
        sandbox.execute("x = 1\nfor i in range(2000000000):\n  x = i", {})
    assert str(raised.value) == "Line 2: it took longer than 0.5 s and was stopped." or raised.value.line == 3


def test_time_spent_in_the_directory_does_not_count(sandbox: Sandbox) -> None:
    class Slow(Crowd):
        def members(self, group: str) -> list[str]:
            time.sleep(0.9)
            return [group]

    assert sandbox.evaluate('members("a") + members("b")', {}, PeopleOf(Slow())) == ["a", "b"]


def test_look_ups_are_limited(sandbox: Sandbox) -> None:
    with pytest.raises(ScriptFailed, match=f"more than {LOOKUP_LIMIT} look-ups"):
        sandbox.evaluate("[superior(str(i)) for i in range(5000)]", {}, PeopleOf(Crowd()))


@pytest.mark.parametrize("value", ["\ud800", float("nan"), float("inf")])
def test_a_value_that_json_cannot_hold_is_refused_on_the_way_in(sandbox: Sandbox, value: Any) -> None:
    with pytest.raises((ScriptFailed, ValueError)):
        sandbox.evaluate("value", {"value": value})
    assert sandbox.evaluate("1 + 1", {}) == 2
