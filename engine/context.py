"""One command at work: its transaction, its time, who gave it, and what running instances may ask of the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine import stores
from engine.decisions import evaluate as evaluate_decision
from engine.definitions import Definitions
from engine.directory import Actor, Directory
from engine.errors import BpmnError, NotFound, PlanFlowError
from engine.execution.build import ProcessSpec
from engine.execution.faults import Fault
from engine.execution.host import Decided, decided
from engine.execution.moments import moment
from engine.jobs.kinds import Kinds
from engine.jobs.rows import enqueue
from engine.messages import translatable as _
from engine.messaging.mail import Mail
from engine.observing import Happening, Noted, Observer, tell
from engine.operations import OperationContext, Operations, OutsideOperation, plain, shortened
from engine.sandbox import Allowance, PeopleOf, Sandbox
from engine.storage.json_text import Unstorable
from engine.storage.prepared import savepoint

_FAILED = _("The operation %(name)s failed: %(reason)s")


@dataclass(frozen=True)
class Services:
    """What all commands of an engine share."""

    definitions: Definitions
    sandbox: Sandbox
    operations: Operations
    timezone: ZoneInfo
    jobs: Kinds
    observers: tuple[Observer, ...] = ()


@dataclass
class CommandContext:
    """The transaction of one command, and the :class:`~engine.execution.host.Host` of the instance it works on.

    ``mail`` is what may be delivered when it is committed, ``noted`` what observers may be told before.
    """

    session: Session
    actor: Actor
    now: datetime
    directory: Directory
    services: Services
    instance_id: str = ""
    process_key: str = ""
    starter: str = ""
    mail: Mail = field(default_factory=Mail)
    noted: list[Noted] = field(default_factory=list)
    people: PeopleOf = field(init=False)
    allowance: Allowance = field(init=False)

    def __post_init__(self) -> None:
        self.people = PeopleOf(self.directory)
        self.allowance = self.services.sandbox.allowance()

    @property
    def today(self) -> date:
        """The local date of this command."""
        return self.now.astimezone(self.services.timezone).date()

    @property
    def on_behalf(self) -> str:
        """For whom a process is that this command leads to: the starter of the one that leads there."""
        return self.starter or self.actor.user

    @property
    def timezone(self) -> ZoneInfo:
        return self.services.timezone

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self.services.sandbox.evaluate(expression, variables, self.people, self.allowance)

    def execute(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return self.services.sandbox.execute(script, variables, self.people, self.allowance)

    def attempt(self) -> AbstractContextManager[Any]:
        """A savepoint: when something in it fails, nothing of what it wrote or announced remains."""
        return self._noting_attempt() if self.services.observers else savepoint(self.session)

    @contextmanager
    def _noting_attempt(self) -> Iterator[None]:
        before = len(self.noted)
        try:
            with savepoint(self.session):
                yield
        except BaseException:
            del self.noted[before:]
            raise

    def note(self, *what: Noted) -> None:
        """Remember something for the observers, if there are any."""
        if self.services.observers:
            self.noted.extend(what)

    def announce(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Tell observers of something that history has no event for, such as a plan that is in force now.

        ``payload`` is JSON. It is told with what else the command did, if that is committed.
        """
        happening = Happening(
            kind, self.now, self.actor.user, payload, self.instance_id, self.process_key, self.starter
        )
        self.note(happening)

    def tell_observers(self) -> None:
        """Tell observers what was noted. The last that is done in a transaction."""
        if self.noted:
            tell(self.services.observers, self, self.noted)

    def call(self, operation: str, inputs: Mapping[str, Any], element: str) -> Mapping[str, Any]:  # noqa: ARG002
        """Call an operation. Whatever it raises but BPMN errors and what is meant for people becomes a fault."""
        called = self.services.operations.get(operation)
        if called is None or isinstance(called, OutsideOperation):
            raise NotFound(_("There is no operation “%(name)s”."), name=operation)
        context = OperationContext(
            self.session,
            self.directory,
            self.instance_id,
            self.process_key,
            self.actor.user,
            self.starter,
            self.now,
            self.announce,
        )
        try:
            answer = called(context, inputs)
            self.session.flush()
            return plain(answer)
        except (BpmnError, PlanFlowError) as error:
            if isinstance(error, Unstorable):
                raise Fault(_FAILED, name=operation, reason=str(error)) from error
            raise
        except Exception as error:
            raise Fault(_FAILED, name=operation, reason=shortened(error)) from error

    def outside(self, operation: str) -> tuple[str, ...] | None:
        called = self.services.operations.get(operation)
        return called.retries if isinstance(called, OutsideOperation) else None

    def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any],
        due_at: datetime | None = None,
        instance_id: str | None = None,
    ) -> int:
        """Let a job be done when this command is committed, or when it is due; see `engine.jobs.rows.enqueue`.

        Raises KeyError for a kind that the engine was not given.
        """
        if kind not in self.services.jobs:
            raise KeyError(kind)
        return enqueue(self.session, kind, payload, self.now, due_at, instance_id)

    def decide(self, definition_id: int, decision: str, variables: Mapping[str, Any]) -> Decided:
        table = self.services.definitions.decision(self.session, definition_id, decision)
        result = evaluate_decision(table, variables, self.evaluate)
        return decided(result)

    def read_store(self, name: str) -> Any:
        return stores.read(self.session, name)

    def write_store(self, name: str, value: Any) -> None:
        stores.write(self.session, name, value, self.now)
        self.mail.written.add(name)

    def called_process(self, definition_id: int, key: str) -> ProcessSpec:
        return self.services.definitions.called(self.session, definition_id, key)

    def spec(self, definition_id: int) -> ProcessSpec:
        return self.services.definitions.spec(self.session, definition_id)

    def moment(self, text: str) -> datetime:
        return moment(text, self.services.timezone)
