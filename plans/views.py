"""What readers of plans get: frozen pictures for pages and the API. All moments are UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plans.comparison import Comparison
from plans.contents import Action
from plans.progress import Progress
from plans.versions import Version


@dataclass(frozen=True)
class PlanSummary:
    """A plan in a list. ``version`` is the one in force, else the draft; ``goals`` counts its goals."""

    id: str
    kind: str
    reference: str
    year: int
    quarter: int | None
    month: int | None
    title: str
    owner: str
    owner_name: str
    status: str
    version: int | None
    goals: int
    in_force_from: datetime | None
    updated_at: datetime
    instance_id: str | None


@dataclass(frozen=True)
class Confirmation:
    """A person who confirmed to have understood the plan."""

    person: str
    person_name: str
    confirmed_at: datetime


@dataclass(frozen=True)
class PlanDetail:
    """One version of a plan, with everything that people look for on its page.

    ``shown`` is the version whose contents these are; ``names`` has the display names of everybody who is
    mentioned, by sign-in name.
    """

    plan: PlanSummary
    shown: Version | None
    versions: Sequence[Version]
    document: Mapping[str, Any]
    goals: Sequence[Progress]
    actions: Sequence[Action]
    resources: Sequence[Mapping[str, Any]]
    risks: Sequence[Mapping[str, Any]]
    filed_with: Sequence[DepartmentSummary]
    confirmations: Sequence[Confirmation]
    released_at: datetime | None
    names: Mapping[str, str]


@dataclass(frozen=True)
class VersionComparison:
    """Two versions of a plan and what differs."""

    plan: PlanSummary
    older: Version
    newer: Version
    changes: Comparison


@dataclass(frozen=True)
class NoticeView:
    """A notice as its recipient sees it; ``read_at`` is None until they have read it."""

    id: str
    subject: str
    body: str
    plan_id: str | None
    instance_id: str | None
    sent_by: str
    sent_by_name: str
    sent_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class PersonView:
    """A person as others see them."""

    name: str
    display_name: str
    roles: tuple[str, ...]
    departments: tuple[str, ...]
    superior: str | None
    superior_name: str | None
    email: str | None
    language: str | None
    active: bool


@dataclass(frozen=True)
class DepartmentSummary:
    """A department by id and name."""

    id: str
    name: str


@dataclass(frozen=True)
class DepartmentView:
    """A department with its people."""

    id: str
    name: str
    head: str | None
    head_name: str | None
    members: tuple[str, ...]
