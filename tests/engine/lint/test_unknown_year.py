"""Working days are counted with a calendar that knows the days to come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.sandbox import Limits, Sandbox
from engine.working_days import Country, WorkingDays
from tests.engine.lint.conftest import problems
from tests.engine.xml_text import bpmn, node, timer, way


def model(text: str) -> bytes:
    waits = node("intermediateCatchEvent", "w", timer("timeDate", text))
    return bpmn(node("startEvent", "s") + waits + node("endEvent", "e") + way("s", "w", "e"))


def found(sandbox: Sandbox, text: str) -> list[tuple[str | None, str, str]]:
    return [
        (p.element, p.severity, p.reason)
        for p in problems(sandbox, model(text))
        if p.rule == "bpmn.unknown-year"
    ]


@pytest.fixture
def outdated() -> Iterator[Sandbox]:
    country = Country("XX", range(1990, 2000), lambda _year: lambda _day: True)
    sandbox = Sandbox(Limits(), workers=1, working_days=WorkingDays(country))
    yield sandbox
    sandbox.close()


def test_where_the_calendar_is_out_of_date_what_counts_working_days_is_warned_of(outdated: Sandbox) -> None:
    ((element, severity, reason),) = found(outdated, "=workdays(3)")
    assert (element, severity) == ("w", "warning")
    assert "“XX” does not know 20" in reason


def test_what_counts_no_working_days_is_not(outdated: Sandbox) -> None:
    assert found(outdated, "=start_of_month(3)") == []


def test_a_calendar_that_knows_the_days_to_come_is_not_spoken_of(sandbox: Sandbox) -> None:
    assert found(sandbox, "=workdays(3)") == []
