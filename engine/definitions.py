"""What is deployed, ready to use: specs, forms and decisions, each parsed once and shared from then on."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from engine import deployments
from engine.bpmn.reader import read_bpmn
from engine.decisions import Decision, read_decision_files
from engine.execution.build import ProcessSpec
from engine.forms import CompiledForm, compile_form
from engine.forms.finding import find_form

Made = TypeVar("Made")


class Definitions:
    """The parsed side of the deployments. Definitions are immutable, so nothing here ever goes out of date.

    The ``limit`` things used last are kept: versions pile up over the years, and few of them still run. A process of
    50 elements takes about 150 kB, a form 15 kB.
    """

    def __init__(self, limit: int = 500) -> None:
        self._limit = limit
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def spec(self, session: Session, definition_id: int) -> ProcessSpec:
        """The spec of a process version."""

        def build() -> ProcessSpec:
            row = deployments.definition(session, definition_id)
            content = deployments.resource_bytes(session, row.deployment_id, row.resource_name)
            model, _warnings = read_bpmn(content, row.resource_name)
            return ProcessSpec(definition_id, model.processes[row.key])

        return self._once(("spec", definition_id), build)

    def deployment_of(self, session: Session, definition_id: int) -> str:
        """The id of the deployment that a process version belongs to."""
        return self._once(
            ("deployment", definition_id),
            lambda: deployments.definition(session, definition_id).deployment_id,
        )

    def form(self, session: Session, definition_id: int, name: str) -> CompiledForm:
        """A form of the same deployment as a process version, by what the model calls it (see `find_form`)."""
        deployment = self.deployment_of(session, definition_id)

        def build() -> CompiledForm:
            def content(file: str) -> bytes:
                return deployments.resource_bytes(session, deployment, file)

            found = find_form(name, deployments.resource_names(session, deployment), content) or name
            return compile_form(found, content(found))

        return self._once(("form", deployment, name), build)

    def decision(self, session: Session, definition_id: int, key: str) -> Decision:
        """A decision of the same deployment as a process version."""
        deployment = self.deployment_of(session, definition_id)

        found = self._once(("decisions", deployment), lambda: self._decisions(session, deployment))
        return found[key] if key in found else found[deployments.decision(session, deployment, key).key]

    def _decisions(self, session: Session, deployment: str) -> dict[str, Decision]:
        """All decisions of a deployment by id; they may require each other's across its files."""
        names = [name for name in deployments.resource_names(session, deployment) if name.endswith(".dmn")]
        files = {name: deployments.resource_bytes(session, deployment, name) for name in names}
        read = read_decision_files(files).decisions
        return {decision.id: decision for decisions in read.values() for decision in decisions}

    def called(self, session: Session, definition_id: int, key: str) -> ProcessSpec:
        """The process a call activity means: of the same deployment, or else the latest version of that key."""
        deployment = self.deployment_of(session, definition_id)
        beside = deployments.definition_in(session, deployment, key)
        return self.spec(session, (beside or deployments.latest(session, key)).id)

    def _once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Made on first use. Two threads may make it at once; they make the same."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                known: Made = self._made[key]
                return known
        made = make()
        with self._lock:
            found: Made = self._made.setdefault(key, made)
            while len(self._made) > self._limit:
                self._made.popitem(last=False)
        return found
