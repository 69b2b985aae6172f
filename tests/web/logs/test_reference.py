"""``docs/reference/logs.md`` names every event that the code logs, with its level and fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from engine.correlation import CARRIED
from tests.web.conftest import Office
from tests.web.logs.conftest import Lines
from web.command_log import IDS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "reference" / "logs.md").read_text("utf-8")
ROOMS = ("engine", "plans", "web", "webhooks")
LEVEL = {"info": "info", "warning": "warning", "error": "error", "exception": "error", "critical": "critical"}
ALWAYS = {"event", "level", "logger", "timestamp"}
BOUND = {*CARRIED, "job", "command", "actor", "endpoint", "event_id"}
"""What is bound around other lines."""
COMPUTED = {"command": {*IDS.values()}, "outgoing": {"status"}, "job": {"instance"}}
"""Fields that a call does not name one by one."""


def calls() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Event, level and fields of each line of code that logs."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_log(node.func):
                    event = node.args[0]
                    assert isinstance(event, ast.Constant), f"{path}:{node.lineno}: an event has one name"
                    named = frozenset(each.arg for each in node.keywords if each.arg) - {"exc_info"}
                    yield str(event.value), LEVEL[node.func.attr], named | COMPUTED.get(event.value, set())


def _is_log(called: ast.Attribute) -> bool:
    return called.attr in LEVEL and isinstance(called.value, ast.Name) and called.value.id == "log"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    part = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_event_is_told_with_its_level_and_fields() -> None:
    told = {
        (cells[0].strip("`"), cells[1], frozenset(re.findall(r"`(\w+)`", cells[2])))
        for cells in rows("Events")
    }
    assert told == set(calls())


def test_every_field_has_a_meaning() -> None:
    used = ALWAYS | BOUND | {"exception"} | {name for _event, _level, names in calls() for name in names}
    told = [name for cells in rows("Fields") for name in re.findall(r"`(\w+)`", cells[0])]
    assert sorted(told) == sorted(used)


def test_what_an_office_logs_has_no_other_fields(office: Office, lines: Lines) -> None:
    told = {name for cells in rows("Fields") for name in re.findall(r"`(\w+)`", cells[0])}
    office.start(amount=7)
    office.start("failing", divisor=0)
    office.get("supervisor", "nowhere")
    office.container.engine.fire_due_timers()
    found = lines()
    assert found
    assert {name for line in found for name in line} <= told
