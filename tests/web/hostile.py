"""A process whose designer and data mean harm, for tests of what is shown."""

from __future__ import annotations

from html import escape
from typing import Any

from tests.engine.xml_text import bpmn, node, way
from tests.web.conftest import Office

ATTACK = "<img src=x onerror=\"document.title='broken'\">%(who)s %s {{ 7 * 7 }}"
"""Text that would show if it were taken for markup, for a template or for a pattern."""

FACT = (
    '<planflow:facts><planflow:fact label="{label}" value="=var(&quot;shown&quot;, None)"/></planflow:facts>'
)
OUTCOME = '<planflow:outcomes><planflow:outcome id="go" name="{name}" kind="positive"/></planflow:outcomes>'


def hostile_model(**options: str) -> bytes:
    """A task for its starter, everything about it named with the attack; its facts show ``shown``."""
    inside = (OUTCOME + FACT).format(label=escape(ATTACK), name=escape(ATTACK))
    task = node(
        "userTask",
        "look",
        f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>",
        planflow_candidateUsers="=starter",
    )
    body = node("startEvent", "s") + task + node("endEvent", "e") + way("s", "look", "e")
    named = body.replace('name="look"', f'name="{escape(ATTACK)}"')
    title = escape('=var("called", "")')
    return bpmn(named, key="hostile", name=escape(ATTACK), planflow_title=title, **options)


def deploy(office: Office, *models: bytes) -> None:
    """Deploy each of the models as the process designer."""
    from engine.directory import Actor

    designer = Actor("designer", frozenset({"process_designer"}), "Designer")
    for model in models:
        office.container.engine.deploy({"hostile.bpmn": model}, actor=designer, name="hostile")


def begin(office: Office, user: str = "supervisor", **variables: Any) -> dict[str, Any]:
    """Start it, with whatever variables one likes."""
    answer = office.post(user, "processes/hostile/instances", {"variables": variables})
    assert answer.status_code == 201, answer.get_json()
    started: dict[str, Any] = answer.get_json()
    return started
