"""A quarter's figures (policy K7) and a goal's progress."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from engine import Invalid, NotFound
from plans import indicators, progress
from plans.contents import parse_goals
from plans.figures import Figure, of_quarter
from plans.periods import annual
from tests.plans.conftest import NOW, Process, goal, plan_in_force


def read(session: Session, indicator: str, **values: float) -> None:
    for month, value in values.items():
        year, number = month[1:].split("_")
        day = date(int(year), int(number), 28)
        indicators.record(
            session, indicator, day, value, source="Order system", recorded_by="auditor", now=NOW
        )


def satisfaction() -> dict[str, object]:
    return goal("Happier customers", measure="Satisfaction", unit="%", target=92, warning=85, baseline=86)


def figure(session: Session, indicator: str, quarter: int = 1) -> Figure:
    return next(each for each in of_quarter(session, 2027, quarter) if each.id == indicator)


def test_the_measures_of_an_annual_plan_become_indicators(process: Process, session: Session) -> None:
    cost = goal("Cut cost", measure="Cost rate", unit="%", target=18, warning=20, baseline=21)
    plan_in_force(process, [goal(), satisfaction(), cost])
    found = {each.id: each for each in indicators.list_indicators(session)}
    assert (found["orders"].summed_as, found["orders"].direction) == ("total", "higher")
    assert (found["satisfaction"].summed_as, found["satisfaction"].target) == ("average", 92)
    assert found["cost_rate"].direction == "lower"


def test_totals_are_held_against_a_quarter_of_the_annual_target(process: Process, session: Session) -> None:
    plan_in_force(process, [goal()])
    read(session, "orders", m2026_10=90, m2026_11=80, m2026_12=100, m2027_1=100, m2027_2=95, m2027_3=90)
    assert figure(session, "orders") == Figure(
        id="orders",
        name="Orders",
        unit="orders",
        kind="quantitative",
        direction="higher",
        target=300,
        warning=250,
        actual=285,
        previous=270,
        achievement_rate=95.0,
        growth_rate=5.56,
        deviation_rate=-5.0,
        status="below_target",
    )


def test_levels_are_averaged_and_held_against_the_same_target(process: Process, session: Session) -> None:
    plan_in_force(process, [satisfaction()])
    read(session, "satisfaction", m2027_1=84, m2027_2=85, m2027_3=86)
    found = figure(session, "satisfaction")
    assert (found.actual, found.target, found.status) == (85, 92, "warning")
    assert (found.previous, found.growth_rate) == (None, None)


def test_a_quarterly_goal_in_force_sets_the_quarters_own_target(process: Process, session: Session) -> None:
    plan_in_force(process, [goal()])
    plan_in_force(process, [goal(target=280, warning=240)], kind="quarterly", quarter=1)
    read(session, "orders", m2027_1=100, m2027_2=100, m2027_3=90)
    assert (figure(session, "orders").target, figure(session, "orders").status) == (280, "on_target")
    assert figure(session, "orders", quarter=2).target == 300


def test_an_indicator_without_readings_says_so(process: Process) -> None:
    plan_in_force(process, [goal()])
    [found] = process.call("indicators.figures", year=2027, quarter=1)["indicators"]
    assert found["status"] == "no_data"
    assert [found[rate] for rate in ("achievement_rate", "growth_rate", "deviation_rate")] == [None] * 3


def test_a_second_reading_for_a_day_corrects_the_first(process: Process, session: Session) -> None:
    plan_in_force(process, [goal()])
    read(session, "orders", m2027_1=100)
    read(session, "orders", m2027_1=110)
    [kept] = indicators.readings(session, date(2027, 1, 1), date(2027, 1, 31))["orders"]
    assert (kept.value, kept.source) == (110, "Order system")


def test_a_reading_needs_an_indicator_a_number_and_a_source(process: Process, session: Session) -> None:
    plan_in_force(process, [goal()])
    day = date(2027, 1, 28)
    with pytest.raises(NotFound):
        indicators.record(session, "none", day, 1, source="s", recorded_by="auditor", now=NOW)
    for value, source, field in ((float("nan"), "s", "value"), (1.0, " ", "source")):
        with pytest.raises(Invalid) as refused:
            indicators.record(session, "orders", day, value, source=source, recorded_by="auditor", now=NOW)
        assert refused.value.fields[0].field == field


def test_an_indicator_of_an_unknown_kind_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        indicators.define(session, indicators.Indicator("x", "X", direction="sideways"))
    assert refused.value.fields[0].field == "direction"


def test_the_progress_of_a_total_is_held_against_the_months_gone_by(
    process: Process, session: Session
) -> None:
    plan_in_force(process, [goal()])
    read(session, "orders", m2026_1=80, m2026_2=90, m2026_3=99, m2027_1=100, m2027_2=95)
    [found] = progress.of_goals(session, annual(2027), parse_goals([goal()]), date(2027, 3, 1))
    assert (found.actual, found.expected, found.previous) == (195, 200, 170)
    assert (found.achievement_rate, found.deviation_rate, found.growth_rate) == (16.25, -2.5, 14.71)
    assert found.status == "below_target"
    assert found.latest is not None
    assert found.latest.day == date(2027, 2, 28)


def test_the_progress_of_a_level_is_its_latest_reading(process: Process, session: Session) -> None:
    plan_in_force(process, [satisfaction()])
    read(session, "satisfaction", m2026_2=88, m2027_1=84, m2027_2=93)
    [found] = progress.of_goals(session, annual(2027), parse_goals([satisfaction()]), date(2027, 3, 1))
    assert (found.actual, found.expected, found.previous, found.status) == (93, 92, 88, "on_target")


def test_a_goal_without_a_measure_has_no_progress(session: Session) -> None:
    [found] = progress.of_goals(session, annual(2027), parse_goals([{"name": "Vague"}]), date(2027, 3, 1))
    assert (found.indicator, found.actual, found.status) == (None, None, "no_data")


def test_the_evaluation_filed_last_is_found_from_later_quarters(process: Process) -> None:
    inputs = {"owner": "operations_supervisor", "report": {"execution": "Done"}, "result": "good"}
    filed = process.call("evaluations.file", year=2026, quarter=4, **inputs)
    assert filed["reference"] == "2026-Q4"
    found = process.call("evaluations.latest", year=2027, quarter=1)["evaluation"]
    assert (found["evaluation_id"], found["report"]) == (filed["evaluation_id"], {"execution": "Done"})
    assert process.call("evaluations.latest", year=2026, quarter=3) == {"evaluation": None}


def test_a_quarterly_plan_stands_on_the_annual_plan_the_last_quarter_and_its_evaluation(
    process: Process,
) -> None:
    year = plan_in_force(process, [goal()])
    last = plan_in_force(process, [goal()], kind="quarterly", quarter=1)
    process.call(
        "evaluations.file", year=2027, quarter=1, owner="operations_supervisor", report={"execution": "Done"}
    )
    basis = process.call("plans.basis", kind="quarterly", year=2027, quarter=2)
    assert basis["annual"]["plan_id"] == year
    assert basis["last"]["plan_id"] == last
    assert basis["quarterly"] is None
    assert basis["evaluation"]["reference"] == "2027-Q1"
    month = process.call("plans.basis", kind="monthly", year=2027, month=2)
    assert (month["quarterly"]["plan_id"], month["last"], month["evaluation"]) == (last, None, None)
