"""What a plan says: its goals (目標), actions (行動計劃), resources, risks and document, as values.

A draft may be incomplete, so nearly everything can be None; policy A4's demands on a goal are a decision
of the process, not of this module. What is there must have the right shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from engine import FieldProblem, Invalid
from engine.messages import translatable
from plans.rates import direction_of

AREAS = ("growth", "satisfaction", "cost", "process", "resource", "team", "service")


@dataclass(frozen=True)
class Goal:
    """One goal of a plan (policy A4).

    ``target`` (目標值) and ``warning`` (預警值) are in ``unit``; ``baseline`` is where the measure stood when
    the goal was set; ``serves`` names the goal of the plan above that this one refines (policy G2).
    """

    name: str
    measure: str | None = None
    unit: str | None = None
    target: float | None = None
    warning: float | None = None
    baseline: float | None = None
    due: date | None = None
    owner: str | None = None
    area: str | None = None
    serves: str | None = None

    @property
    def direction(self) -> str:
        """The better direction of the measure, ``higher`` or ``lower``."""
        return direction_of(self.target, self.warning, self.baseline)

    def as_json(self) -> dict[str, Any]:
        """The goal as processes and the API carry it."""
        return {**asdict(self), "due": self.due.isoformat() if self.due else None}


@dataclass(frozen=True)
class Action:
    """One line of the action plan (policy A5): task, owner (責任人), dates (時間節點), resources, result."""

    task: str
    owner: str | None = None
    start: date | None = None
    end: date | None = None
    resources: str | None = None
    result: str | None = None
    goal: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The action as processes and the API carry it."""
        return {
            **asdict(self),
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
        }


@dataclass(frozen=True)
class Contents:
    """Everything that one version of a plan says.

    ``document`` holds the parts of the compiled document (overview, strategies, forecast …) by name;
    ``resources`` and ``risks`` are rows with whatever columns their form has.
    """

    document: Mapping[str, Any] = field(default_factory=dict)
    goals: Sequence[Goal] = ()
    actions: Sequence[Action] = ()
    resources: Sequence[Mapping[str, Any]] = ()
    risks: Sequence[Mapping[str, Any]] = ()


def parse_goals(rows: Any, place: str = "goals") -> list[Goal]:
    """Goals from a form's rows; wholly empty rows are dropped.

    Raises :class:`Invalid` naming every field (``goals.0.target``) that cannot be read, and repeated names.
    """
    reader = _Reader()
    goals = [
        Goal(
            name=reader.required_text(row, "name", at),
            measure=reader.text(row, "measure", at),
            unit=reader.text(row, "unit", at),
            target=reader.number(row, "target", at),
            warning=reader.number(row, "warning", at),
            baseline=reader.number(row, "baseline", at),
            due=reader.day(row, "due", at),
            owner=reader.text(row, "owner", at),
            area=reader.text(row, "area", at),
            serves=reader.text(row, "serves", at),
        )
        for at, row in reader.rows(rows, place)
    ]
    reader.unique([goal.name for goal in goals], place)
    reader.finish()
    return goals


def parse_actions(rows: Any, place: str = "actions") -> list[Action]:
    """Actions from a form's rows; wholly empty rows are dropped. Errors as in :func:`parse_goals`."""
    reader = _Reader()
    actions = [
        Action(
            task=reader.required_text(row, "task", at),
            owner=reader.text(row, "owner", at),
            start=reader.day(row, "start", at),
            end=reader.day(row, "end", at),
            resources=reader.text(row, "resources", at),
            result=reader.text(row, "result", at),
            goal=reader.text(row, "goal", at),
        )
        for at, row in reader.rows(rows, place)
    ]
    reader.finish()
    return actions


def parse_rows(rows: Any, place: str) -> list[dict[str, Any]]:
    """Rows of a table with free columns (resources, risks); text alone becomes a row with ``name``."""
    reader = _Reader()
    named = (
        [{"name": row} if isinstance(row, str) else row for row in rows] if isinstance(rows, list) else rows
    )
    parsed = [dict(row) for _, row in reader.rows(named, place)]
    reader.finish()
    return parsed


class _Reader:
    """Reads fields out of rows and gathers every problem, so that people see all of them at once."""

    def __init__(self) -> None:
        self.problems: list[FieldProblem] = []

    def rows(self, rows: Any, place: str) -> list[tuple[str, Mapping[str, Any]]]:
        if rows is None:
            return []
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise Invalid(
                translatable("The plan's contents cannot be read."),
                [FieldProblem(place, translatable("A list of rows is needed."))],
            )
        return [
            (f"{place}.{n}", row) for n, row in enumerate(rows) if not all(_blank(v) for v in row.values())
        ]

    def text(self, row: Mapping[str, Any], key: str, at: str) -> str | None:
        value = row.get(key)
        if _blank(value):
            return None
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value).strip()
        self._wrong(f"{at}.{key}", translatable("Text is needed."))
        return None

    def required_text(self, row: Mapping[str, Any], key: str, at: str) -> str:
        value = self.text(row, key, at)
        if value is None:
            self._wrong(f"{at}.{key}", translatable("This field is required."))
        return value or ""

    def number(self, row: Mapping[str, Any], key: str, at: str) -> float | None:
        value = row.get(key)
        if _blank(value):
            return None
        try:
            number = math.nan if isinstance(value, bool) else float(str(value))
        except ValueError:
            number = math.nan
        if math.isfinite(number):
            return int(number) if number.is_integer() else number
        self._wrong(f"{at}.{key}", translatable("A number is needed."))
        return None

    def day(self, row: Mapping[str, Any], key: str, at: str) -> date | None:
        value = row.get(key)
        if _blank(value):
            return None
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            self._wrong(f"{at}.{key}", translatable("A date such as 2027-03-31 is needed."))
            return None

    def unique(self, names: list[str], place: str) -> None:
        for position, name in enumerate(names):
            if name and name in names[:position]:
                self._wrong(
                    f"{place}.{position}.name", translatable("Two goals have the name “%(name)s”."), name=name
                )

    def finish(self) -> None:
        if self.problems:
            raise Invalid(translatable("The plan's contents cannot be read."), self.problems)

    def _wrong(self, field: str, template: str, **params: Any) -> None:
        self.problems.append(FieldProblem(field, template, params))


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
