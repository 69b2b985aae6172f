"""Reads a scenario from YAML and says plainly what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from engine.errors import Invalid
from engine.messages import translatable as _

BEGINNING = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
"""When a scenario plays that does not say it."""
STEP_KINDS = ("task", "timer", "refused")


@dataclass(frozen=True)
class Step:
    """One thing that happens: ``kind`` is task (somebody completes it), timer (it elapses) or refused.

    ``element`` is the task or timer. A refused submission names the ``fields`` that must be complained about.
    """

    kind: str
    element: str
    by: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    outcome: str | None = None
    comment: str | None = None
    expect_facts: Mapping[str, Any] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """A story. ``given`` is prepared before it begins, ``expect`` must hold at its end."""

    name: str
    process: str
    starter: str
    people: Mapping[str, Mapping[str, Any]]
    departments: Mapping[str, Mapping[str, Any]]
    given: tuple[Mapping[str, Any], ...]
    start: Mapping[str, Any]
    steps: tuple[Step, ...]
    expect: Mapping[str, Any]
    now: datetime = BEGINNING


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file. Raises Invalid with the file's name and what is wrong."""
    try:
        return scenario_of(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(
            _("The scenario %(file)s cannot be read: %(reason)s"), file=path.name, reason=_reason(error)
        ) from error


def scenario_of(content: Any) -> Scenario:
    """The scenario that a file's content tells. Raises KeyError, TypeError, ValueError or AttributeError."""
    if not isinstance(content, dict):
        raise ValueError("names with values are needed")
    return Scenario(
        name=str(content["name"]),
        process=str(content["process"]),
        starter=str(content["starter"]),
        people=content["people"],
        departments=content.get("departments") or {},
        given=tuple(content.get("given") or ()),
        start=content.get("start") or {},
        steps=tuple(_step(step) for step in content["steps"]),
        expect=content.get("expect") or {},
        now=_moment(content.get("now")),
    )


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"“{error.args[0]}” is missing"
    return " ".join(str(error).split())


def _step(content: Mapping[str, Any]) -> Step:
    kind = next((k for k in STEP_KINDS if k in content), None)
    if kind is None:
        raise ValueError(f"a step is one of {', '.join(STEP_KINDS)}: {content}")
    if kind == "timer":
        return Step("timer", str(content["timer"]))
    said = content["refused"] if kind == "refused" else content
    return Step(
        kind=kind,
        element=str(said["task"]),
        by=str(said["by"]),
        variables=said.get("variables") or {},
        outcome=said.get("outcome"),
        comment=said.get("comment"),
        expect_facts=said.get("expect_facts") or {},
        fields=tuple(said.get("fields") or ()),
    )


def _moment(value: Any) -> datetime:
    if value is None:
        return BEGINNING
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
