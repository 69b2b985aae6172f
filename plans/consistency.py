"""Whether a quarter's goals fit the annual plan (policy Q3); a finding says which does not, and why.

The rules:

* every goal serves one of the annual plan in force (policy G2), in its unit, and is due in the quarter;
* what adds up (orders, cost): the quarters planned so far leave the rest of the year a fair chance, and the
  fourth quarter completes the annual target; a cost stays below it. An earlier quarter without a plan counts
  as an even share;
* what is a level (a rate, days): no quarter plans to be worse than where the year began, and the fourth
  reaches the annual target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.messages import translatable as _
from plans import indicators, plans, versions
from plans.contents import Goal
from plans.indicators import TOTAL
from plans.periods import Period, annual, quarter
from plans.rates import LOWER

FAIR_SHARE = 0.5
"""The least part of an even share of what remains that a quarter before the last may plan."""


@dataclass(frozen=True)
class Problem:
    """What does not fit, as a sentence that can be translated: ``template`` with ``params`` in its places."""

    template: str
    params: Mapping[str, str]

    def __str__(self) -> str:
        return self.template % self.params


@dataclass(frozen=True)
class Finding:
    """One reason why a quarterly goal does not fit; ``goal`` is None when it concerns the plan as a whole."""

    goal: str | None
    problem: Problem

    def as_json(self) -> dict[str, Any]:
        """The finding as processes carry it: the problem in English, and what it takes to say it otherwise."""
        said = {"template": self.problem.template, "params": dict(self.problem.params)}
        return {"goal": self.goal, "problem": str(self.problem), **said}


@dataclass(frozen=True)
class Year:
    """What quarterly goals are held against.

    ``others`` has the targets of the year's other quarterly plans in force, by quarter and annual goal;
    ``totals`` the ids of the indicators whose readings add up.
    """

    goals: Mapping[str, Goal]
    others: Mapping[tuple[int, str], float]
    totals: Mapping[str, bool]

    def adds_up(self, goal: Goal) -> bool:
        """Whether the goal's figures of four quarters make the year's by adding them."""
        known = self.totals.get(indicators.indicator_id(goal.measure or ""))
        return known if known is not None else indicators.adds_up(goal.unit)


ABOVE_LIMIT = _(
    "With %(target)s the quarters so far come to %(together)s, above the annual limit of %(total)s %(unit)s."
)
BELOW_TOTAL = _(
    "The four quarters come to %(together)s, below the annual target of %(total)s %(unit)s; "
    "%(missing)s are missing."
)
BELOW_SHARE = _(
    "%(target)s is less than half of an even share (%(share)s) of the %(remaining)s %(unit)s "
    "that remain for %(left)s quarters."
)
ENDS_ABOVE = _("The year ends at %(target)s, above the annual target of %(annual)s %(unit)s.")
ENDS_BELOW = _("The year ends at %(target)s, below the annual target of %(annual)s %(unit)s.")
WORSE = {
    (True, True): _("%(target)s is above where the year began, %(floor)s %(unit)s."),
    (True, False): _("%(target)s is below where the year began, %(floor)s %(unit)s."),
    (False, True): _("%(target)s is above the annual warning value, %(floor)s %(unit)s."),
    (False, False): _("%(target)s is below the annual warning value, %(floor)s %(unit)s."),
}
"""By whether a baseline is known, and whether lower is better."""


def check(session: Session, goals: Sequence[Goal], period: Period, owner: str | None = None) -> list[Finding]:
    """Hold a quarter's goals against the annual plan in force; no finding means that they fit."""
    above = plans.find_in_force(session, annual(period.year), owner)
    if above is None:
        missing = _("There is no annual plan of %(year)s in force to hold the goals against.")
        return [Finding(None, _said(missing, year=str(period.year)))]
    if not goals:
        return [Finding(None, _said(_("The quarter has no goals.")))]
    year = _year(session, above, period)
    return [Finding(goal.name, problem) for goal in goals for problem in _problems(goal, goals, year, period)]


def _problems(goal: Goal, siblings: Sequence[Goal], year: Year, period: Period) -> Iterator[Problem]:
    if goal.due is not None and goal.due not in period:
        outside = _("It is due on %(due)s, outside %(period)s (%(start)s to %(end)s).")
        yield _said(outside, due=goal.due, period=period.reference, start=period.start, end=period.end)
    above = year.goals.get(goal.serves) if goal.serves is not None else None
    if above is None:
        yield _unserved(goal, year)
    elif (goal.unit or "").casefold() != (above.unit or "").casefold():
        yield _other_unit(goal, above)
    elif goal.target is None or above.target is None:
        return
    elif year.adds_up(above):
        together = sum(each.target or 0 for each in siblings if each.serves == goal.serves)
        yield from _sum_problems(together, above, year, period)
    else:
        yield from _level_problems(goal.target, above, period)


def _unserved(goal: Goal, year: Year) -> Problem:
    if goal.serves is None:
        return _said(_("It does not say which annual goal it serves."))
    if not year.goals:
        return _said(_("It serves “%(goal)s”, but the annual plan has no goals."), goal=goal.serves)
    known = ", ".join(f"“{name}”" for name in year.goals)
    unknown = _("It serves “%(goal)s”, which is not a goal of the annual plan (%(known)s).")
    return _said(unknown, goal=goal.serves, known=known)


def _other_unit(goal: Goal, above: Goal) -> Problem:
    if not goal.unit:
        return _said(_("It is measured without a unit, the annual goal in %(annual)s."), annual=above.unit)
    if not above.unit:
        return _said(_("It is measured in %(unit)s, the annual goal without a unit."), unit=goal.unit)
    other = _("It is measured in %(unit)s, the annual goal in %(annual)s.")
    return _said(other, unit=goal.unit, annual=above.unit)


def _sum_problems(target: float, above: Goal, year: Year, period: Period) -> Iterator[Problem]:
    number, total = period.quarter or 1, above.target or 0
    earlier = sum(year.others.get((each, above.name), total / 4) for each in range(1, number))
    remaining, left = total - earlier, 5 - number
    told = {"target": target, "together": earlier + target, "total": total, "unit": above.unit or ""}
    if above.direction == LOWER:
        if earlier + target > total:
            yield _said(ABOVE_LIMIT, **told)
    elif left == 1 and target < remaining:
        yield _said(BELOW_TOTAL, **told, missing=remaining - target)
    elif left > 1 and target < FAIR_SHARE * remaining / left:
        yield _said(BELOW_SHARE, **told, share=remaining / left, remaining=remaining, left=left)


def _level_problems(target: float, above: Goal, period: Period) -> Iterator[Problem]:
    sign = -1 if above.direction == LOWER else 1
    goal_of_year, floor = above.target or 0, above.baseline if above.baseline is not None else above.warning
    told = {"target": target, "unit": above.unit or ""}
    if period.quarter == 4 and sign * target < sign * goal_of_year:
        yield _said(ENDS_ABOVE if sign == -1 else ENDS_BELOW, **told, annual=goal_of_year)
    elif floor is not None and sign * target < sign * floor:
        began = above.baseline is not None
        yield _said(WORSE[began, sign == -1], **told, floor=floor)


def _said(template: str, **params: object) -> Problem:
    """Numbers are written with separators; the rest as text."""
    return Problem(template, {name: _written(value) for name, value in params.items()})


def _written(value: object) -> str:
    return _n(value) if isinstance(value, int | float) else str(value)


def _year(session: Session, above: plans.Plan, period: Period) -> Year:
    return Year(
        goals={goal.name: goal for goal in _goals_of(session, above)},
        others=_other_quarters(session, above.owner, period),
        totals={each.id: each.summed_as == TOTAL for each in indicators.list_indicators(session)},
    )


def _other_quarters(session: Session, owner: str, period: Period) -> dict[tuple[int, str], float]:
    targets: dict[tuple[int, str], float] = {}
    for number in range(1, period.quarter or 1):
        found = plans.find_in_force(session, quarter(period.year, number), owner)
        # Another supervisor's quarter is no part of this year, even where it speaks for the company.
        for goal in _goals_of(session, found) if found and found.owner == owner else ():
            if goal.serves is not None and goal.target is not None:
                key = (number, goal.serves)
                targets[key] = targets.get(key, 0) + goal.target
    return targets


def _goals_of(session: Session, found: plans.Plan) -> Iterable[Goal]:
    version = versions.find(session, found.id, versions.IN_FORCE)
    return versions.read(session, found.id, version.version).goals if version else ()


def _n(value: float) -> str:
    return f"{round(value, 4):,.10g}"
