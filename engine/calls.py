"""Call activities that lead out of their deployment: what they call must be there, and ready to be called."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from engine import deployments
from engine.bpmn.model import Process
from engine.bundle import Bundle
from engine.definitions import Definitions
from engine.errors import NotFound, Problem


def uncallable(session: Session, definitions: Definitions, bundle: Bundle) -> Iterator[Problem]:
    """Every call activity of a bundle whose process could not be run, in the bundle or as it is deployed now."""
    for resource, element in bundle.call_activities():
        key = element.called or ""
        called = bundle.processes.get(key) or _deployed(session, definitions, key)
        reason = None
        if called is None:
            reason = f"The process “{key}” is neither in this deployment nor deployed."
        elif not called.executable:
            reason = f"The process “{key}” is not executable."
        elif not called.starts_by_hand:
            reason = f"The process “{key}” is started by an event and cannot be called."
        if reason is not None:
            yield Problem(resource, element.id, element.name, reason, "bundle.called-element")


def _deployed(session: Session, definitions: Definitions, key: str) -> Process | None:
    try:
        return definitions.spec(session, deployments.latest(session, key).id).model
    except NotFound:
        return None
