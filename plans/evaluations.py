"""Evaluation reports (運營計劃評估報告, policy K6-K8), filed for the next plan to stand on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, insert, or_, select
from sqlalchemy.orm import Session

from engine.storage.prepared import Prepared
from plans.periods import quarter
from plans.tables import evaluation


@dataclass(frozen=True)
class Evaluation:
    """A filed report on a quarter.

    ``report`` has the parts of policy K8 by name, ``indicators`` the figures of policy K7 as they stood when
    it was filed, ``assessments`` the qualitative judgements, ``result`` the verdict as the process gave it.
    """

    id: str
    year: int
    quarter: int
    owner: str
    report: Mapping[str, Any]
    indicators: Sequence[Any]
    assessments: Sequence[Any]
    result: Any
    filed_at: datetime
    instance_id: str | None = None

    @property
    def reference(self) -> str:
        """The quarter as people write it, ``2026-Q3``."""
        return quarter(self.year, self.quarter).reference

    def as_json(self) -> dict[str, Any]:
        """The evaluation as processes and the API carry it."""
        content = asdict(self)
        return {
            "evaluation_id": content.pop("id"),
            "reference": self.reference,
            **content,
            "filed_at": self.filed_at.isoformat(),
        }


COLUMNS = [evaluation.c[name] for name in Evaluation.__annotations__]


def file(
    session: Session,
    year: int,
    number: int,
    owner: str,
    *,
    report: Mapping[str, Any],
    indicators: Sequence[Any],
    assessments: Sequence[Any],
    result: Any,
    instance_id: str | None,
    now: datetime,
) -> Evaluation:
    """Keep a report. An earlier one on the same quarter stays readable; the newest counts."""
    filed = Evaluation(
        str(uuid.uuid4()), year, number, owner, report, indicators, assessments, result, now, instance_id
    )
    session.execute(insert(evaluation).values(asdict(filed)))
    return filed


_YEAR = bindparam("year", type_=Integer)
_LATEST = Prepared(
    select(*COLUMNS)
    .where(
        or_(
            evaluation.c.year < _YEAR,
            and_(evaluation.c.year == _YEAR, evaluation.c.quarter <= bindparam("number")),
        )
    )
    .order_by(evaluation.c.year.desc(), evaluation.c.quarter.desc(), evaluation.c.filed_at.desc())
    .limit(1)
)


def latest(session: Session, year: int, number: int) -> Evaluation | None:
    """The newest report on this quarter, or on the nearest quarter before it that has one."""
    row = _LATEST.first(session, year=year, number=number)
    return Evaluation(*row) if row is not None else None


def list_evaluations(session: Session, limit: int = 20) -> list[Evaluation]:
    """The reports filed last, newest first."""
    newest_first = select(*COLUMNS).order_by(evaluation.c.filed_at.desc(), evaluation.c.id).limit(limit)
    return [Evaluation(*row) for row in session.execute(newest_first)]
