"""The form that starts a process holds what its designer suggests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine import Engine
from engine.errors import Forbidden, NotDeployable
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way

FORM = b"""{"type": "default", "schemaVersion": 19, "components": [
    {"type": "number", "id": "year", "key": "year", "label": "Year"},
    {"type": "textfield", "id": "owner", "key": "owner", "label": "Owner"}]}"""
BODY = node("startEvent", "start") + node("endEvent", "end") + way("start", "end")


def process(values: str, **more: str) -> bytes:
    options = {
        "planflow:startForm": "start.form",
        "planflow:startValues": escape(values, {'"': "&quot;"}),
        **more,
    }
    return bpmn(BODY, **options)


def suggested(engine: Engine) -> dict[str, Any]:
    found = engine.start_form("p", actor("supervisor"))
    assert found is not None
    return found[1]


def test_a_start_form_holds_what_the_designer_suggests(engine: Engine, deploy: Callable[..., Any]) -> None:
    deploy(process('={"year": int(today[:4]) + 1, "owner": starter}'), start__form=FORM)
    assert suggested(engine) == {"year": 2027, "owner": "supervisor"}


def test_only_fields_of_the_form_are_filled(engine: Engine, deploy: Callable[..., Any]) -> None:
    deploy(process('={"year": 2027, "secret": "x"}'), start__form=FORM)
    assert suggested(engine)["year"] == 2027
    assert "secret" not in suggested(engine)


@pytest.mark.parametrize("values", ["=1 // 0", "=[1]", "={}"])
def test_a_suggestion_that_fails_leaves_the_form_empty(
    engine: Engine, deploy: Callable[..., Any], values: str
) -> None:
    deploy(process(values), start__form=FORM)
    assert not any(suggested(engine).values())


def test_a_suggestion_that_cannot_be_read_is_refused_at_deployment(deploy: Callable[..., Any]) -> None:
    with pytest.raises(NotDeployable):
        deploy(process('={"year": '), start__form=FORM)


def test_who_may_not_start_a_process_is_not_shown_its_form(
    engine: Engine, deploy: Callable[..., Any]
) -> None:
    deploy(process("={}", **{"planflow:starterGroups": "management"}), start__form=FORM)
    with pytest.raises(Forbidden):
        engine.start_form("p", actor("supervisor"))
