"""A realistic year to look at: people, plans, readings, and processes that wait at different steps.

What happened before is told by the plan rules alone; this year's plans are made by the real engine, each step
by the person whose it is. Everything is dated from the day on which it is loaded.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from plans import plans
from plans.contents import Contents, parse_actions, parse_goals
from plans.demo import adjusting, annual, company, monthly, quarterly, targets
from plans.demo.company import (
    ACCOUNTS,
    FIRST,
    MANAGEMENT_1,
    PASSWORD,
    SUPERIOR,
    SUPERVISOR,
    TEAM,
    known_passwords,
)
from plans.demo.driver import Driver, Parts
from plans.periods import Period, month_at, month_of, quarter, quarter_at
from plans.periods import annual as year_of
from plans.tables import notice, notice_recipient

__all__ = ["ACCOUNTS", "FIRST", "PASSWORD", "known_passwords", "load"]


def load(parts: Parts, now: datetime | None = None) -> None:
    """Fill an empty installation in which the processes are deployed. Where the company exists, do nothing.

    ``now`` is the moment up to which the story is told, by default this one.
    """
    moment = now or datetime.now(UTC)
    today = moment.date()
    with parts.database.write() as session:
        if company.exists(session):
            return
        company.found(session, _at(date(today.year - 1, 1, 2)))
        _tell_the_past(session, today, moment)
    driver = Driver(parts, moment)
    _tell_the_year(parts, driver, today)
    _tell_what_waits(driver, today)
    with parts.database.write() as session:
        _read_old_notices(session, moment)


def _tell_the_past(session: Session, today: date, moment: datetime) -> None:
    last = today.year - 1
    goals = parse_goals(targets.of_last_year(last))
    lines = parse_actions(annual.actions(last, TEAM))
    overview = "A year of renewing: racks, scanners and the planning of rounds."
    _put_in_force(session, year_of(last), Contents({"overview": overview}, goals, lines), MANAGEMENT_1)
    targets.record_readings(session, today, moment)


def _tell_the_year(parts: Parts, driver: Driver, today: date) -> None:
    annual.in_force(driver, today.year)
    adjusting.carried_out(driver, today)
    current = quarter_at(today)
    with parts.database.write() as session:
        for period in targets.quarters_before(today):
            contents = Contents(
                {"overview": "The quarter's part of the year."},
                parse_goals(targets.of_quarter(period)),
                parse_actions(quarterly.actions(period)),
            )
            _put_in_force(session, period, contents, SUPERIOR)
    quarterly.review(driver, current.previous)
    quarterly.plan(driver, current)
    monthly.released(driver, month_at(today))


def _tell_what_waits(driver: Driver, today: date) -> None:
    driver.clock.set(today - timedelta(days=3), 9)
    monthly.short_of_drivers(driver, _next_month(today), quarter_at(today))
    driver.clock.set(today - timedelta(days=2), 9)
    annual.waiting_for_management(driver, today)
    driver.clock.set(today - timedelta(days=1), 9)
    adjusting.under_evaluation(driver, today)
    driver.clock.set(today - timedelta(days=1), 14)
    quarterly.begin(driver, _next_quarter(today))


def _read_old_notices(session: Session, moment: datetime) -> None:
    """What is older than two months was read on the day after it was sent."""
    sent = select(notice.c.id, notice.c.sent_at).where(notice.c.sent_at < moment - timedelta(days=60))
    for row in session.execute(sent).all():
        mine = notice_recipient.c.notice_id == row.id
        session.execute(update(notice_recipient).where(mine).values(read_at=row.sent_at + timedelta(days=1)))


def _put_in_force(session: Session, period: Period, contents: Contents, approved_by: str) -> None:
    begun = _at(period.start)
    title = {"annual": "Annual", "quarterly": "Quarterly"}[period.kind]
    name = f"{title} operating plan {period.reference}"
    made = plans.draft(session, period, name, SUPERVISOR, None, begun)
    plans.save(session, made.id, contents, begun)
    plans.put_in_force(session, made.id, approved_by, begun)


def _next_month(today: date) -> Period:
    return month_at(month_of(today.year, today.month).end + timedelta(days=1))


def _next_quarter(today: date) -> Period:
    following = quarter_at(quarter_at(today).end + timedelta(days=1))
    return quarter(following.year, following.quarter or 1)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(8, 0), UTC)
