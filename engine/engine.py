"""The engine: deploys definitions and executes commands, each in one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import (
    calls,
    deployments,
    incidents,
    instances,
    work_items,
)
from engine.admission import admit
from engine.bundle import Bundle, read_bundle
from engine.commands import (
    ClaimTask,
    Command,
    CompleteTask,
    CorrelateMessage,
    DeliverMessage,
    FailJob,
    FinishJob,
    ForgetMessage,
    ReleaseTask,
    Result,
    RetryIncident,
    RetryJob,
    RunJob,
    SaveDraft,
    StartInstance,
    TerminateInstance,
    ThrowSignal,
)
from engine.context import CommandContext, Services
from engine.definitions import Definitions
from engine.directory import SYSTEM, Actor, DirectoryFactory
from engine.errors import Forbidden, Invalid, NotDeployable, Problem
from engine.form_words import FormWords, form_words
from engine.jobs import Job, Kinds, dispatch, life, standing
from engine.jobs.own import own_kinds
from engine.jobs.runner import Runner
from engine.lint import with_lines
from engine.measuring import Meter
from engine.messages import translatable as _
from engine.messaging import delivery, incoming
from engine.messaging.mail import Mail
from engine.messaging.postman import Postman
from engine.observing import Observer
from engine.operations import OperationContext, Operations
from engine.queries import Queries
from engine.sandbox import PeopleOf, Sandbox
from engine.start_forms import start_form
from engine.starting import conditions, registration
from engine.storage.database import Database
from engine.storage.tables import idempotency
from engine.task_view import TaskView, view_task

log = structlog.get_logger(__name__)

Handler = Callable[[CommandContext, Any], Result]

HANDLERS: Mapping[type, Handler] = {
    StartInstance: instances.start,
    TerminateInstance: instances.terminate,
    CompleteTask: work_items.complete,
    ClaimTask: work_items.claim,
    ReleaseTask: work_items.release,
    SaveDraft: work_items.save_draft,
    CorrelateMessage: incoming.correlate,
    ThrowSignal: incoming.throw,
    DeliverMessage: delivery.deliver,
    ForgetMessage: delivery.forget,
    RunJob: life.run,
    FinishJob: life.finish,
    FailJob: life.fail,
    RetryJob: life.retry,
    RetryIncident: incidents.retry,
}
"""Which function carries out which command."""

MAY_DEPLOY = ("process_designer", "administrator")
MAX_KEY = 200
LEASE = timedelta(seconds=60)
"""How long a worker has a job that lies outside, unless it is asked for another span."""


def utc_now() -> datetime:
    """The system clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Deployed:
    """What a deployment brought. ``unchanged`` says that nothing was new and nothing was stored."""

    id: str
    processes: tuple[tuple[str, int], ...]
    decisions: tuple[tuple[str, int], ...]
    unchanged: bool
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Together:
    """A transaction of several parts: ``context`` for what is written beside, ``carry_out`` for commands."""

    context: OperationContext
    carry_out: Callable[[Command], Result]

    def execute(self, command: Command) -> Result:
        """Carry out a command in this transaction. Raises as `Engine.execute`; the transaction is lost then."""
        admit(command)
        return self.carry_out(command)


class Engine:
    """The one entrance to everything that runs BPMN.

    ``directory`` makes a Directory for a session, ``operations`` are what service tasks may call, ``clock`` gives
    UTC, and ``timezone`` says when a local day begins. ``jobs`` are kinds of jobs besides the engine's own, by name,
    ``observers`` those who are told what commands have done (see `engine.observing`), ``meter`` who measures them.
    """

    def __init__(
        self,
        database: Database,
        directory: DirectoryFactory,
        operations: Operations,
        *,
        clock: Callable[[], datetime] = utc_now,
        sandbox: Sandbox | None = None,
        timezone: ZoneInfo | None = None,
        jobs: Kinds | None = None,
        observers: Sequence[Observer] = (),
        meter: Meter | None = None,
    ) -> None:
        self.database = database
        self.directory = directory
        self.clock = clock
        self._meter = meter
        own = own_kinds(operations, watched=bool(observers), by_month=not database.is_sqlite)
        kinds = {**own, **(jobs or {})}
        local = timezone or ZoneInfo("UTC")
        self.services = Services(
            Definitions(), sandbox or Sandbox(), operations, local, kinds, tuple(observers)
        )
        self._postman = Postman(database, lambda: self.clock(), self._hand_over)
        self._jobs = Runner(
            database, lambda: self.clock(), kinds, lambda command: self.execute(command, SYSTEM), meter
        )

    def read(self, files: Mapping[str, bytes]) -> Bundle:
        """Parse and check files without storing them. Raises NotDeployable, Invalid or TooLarge."""
        deployments.check_bundle(files)
        return read_bundle(files, self.services.operations, self.services.sandbox)

    def deploy(self, files: Mapping[str, bytes], actor: Actor, name: str) -> Deployed:
        """Deploy a bundle whole, or refuse it whole. What is unchanged makes no new version."""
        if not actor.belongs_to(*MAY_DEPLOY):
            raise Forbidden(_("Only process designers and administrators may deploy."))
        bundle = self.read(files)
        with self.database.write() as session:
            ctx = self._context(session, actor)
            if uncallable := list(calls.uncallable(session, self.services.definitions, bundle)):
                raise NotDeployable(with_lines(uncallable, files))
            stored = deployments.store(
                session,
                name,
                files,
                bundle.process_entries(),
                bundle.decision_entries(),
                actor=actor.user,
                now=ctx.now,
            )
            if not stored.unchanged:
                registration.subscribe_starts(ctx, bundle.processes)
        self._postman.deliver(ctx.mail)
        log.info("deployed", deployment=stored.id, actor=actor.user, unchanged=stored.unchanged)
        return Deployed(
            stored.id, stored.processes, stored.decisions, stored.unchanged, tuple(bundle.warnings)
        )

    def deployed_last(self, name: str, files: Mapping[str, bytes]) -> bool:
        """Whether the last deployment of this name was of these very files. Others may have come after it."""
        with self.database.read() as session:
            return deployments.was_last(session, name, files)

    def execute(self, command: Command, actor: Actor, idempotency_key: str | None = None) -> Result:
        """Carry out a command in one transaction. With a key, the same command said twice is done once.

        Raises a :class:`~engine.errors.PlanFlowError`; nothing is changed then.
        """
        admit(command)
        mail = Mail()
        result = self._execute(command, actor, idempotency_key, mail)
        self._postman.deliver(mail)
        return result

    def _execute(self, command: Command, actor: Actor, idempotency_key: str | None, mail: Mail) -> Result:
        if self._meter is None:
            result = self._commit(command, actor, idempotency_key, mail)
        else:
            with self._meter.command(command, actor) as tell:
                tell(result := self._commit(command, actor, idempotency_key, mail))
        if mail.written:
            self._tell_conditions(mail)
        return result

    def _commit(self, command: Command, actor: Actor, idempotency_key: str | None, mail: Mail) -> Result:
        if idempotency_key is None:
            with self.database.write() as session:
                return self._carry_out(session, command, actor, mail)
        if not 0 < len(idempotency_key) <= MAX_KEY:
            raise Invalid(_("An idempotency key has 1 to %(limit)d characters."), limit=MAX_KEY)
        try:
            return self._execute_once(command, actor, idempotency_key, mail)
        except IntegrityError:  # the same key was committed by somebody else in this very moment
            return self._execute_once(command, actor, idempotency_key, mail)

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[OperationContext]:
        """One transaction of no process, for what other rooms write themselves, such as readings of indicators.

        What is announced in it is told to the observers before it is committed.
        """
        with self.database.write() as session:
            ctx = self._context(session, actor)
            yield OperationContext(
                session, ctx.directory, "", "", actor.user, actor.user, ctx.now, ctx.announce
            )
            ctx.tell_observers()

    @contextmanager
    def together(self, actor: Actor) -> Iterator[Together]:
        """One transaction for commands and for what another room writes itself: all of it is committed, or nothing.

        What the commands set off is delivered afterwards, as by `execute`.
        """
        mail = Mail()
        with ExitStack() as measured, self.database.write() as session:
            ctx = self._context(session, actor)
            own = OperationContext(
                session, ctx.directory, "", "", actor.user, actor.user, ctx.now, ctx.announce
            )
            yield Together(own, lambda command: self._part(measured, session, command, actor, mail))
            ctx.tell_observers()
        if mail.written:
            self._tell_conditions(mail)
        self._postman.deliver(mail)

    def check_expression(self, source: str) -> list[str]:
        """What keeps an expression from being used, as "line 3: reason"; empty when nothing does."""
        return self.services.sandbox.check(source)

    @contextmanager
    def asking(self, given: Mapping[str, Any]) -> Iterator[Callable[[str], Any]]:
        """Evaluate expressions over these JSON values, all of them in the time that one command may take.

        Each raises ScriptFailed, or BpmnError when it throws one.
        """
        sandbox = self.services.sandbox
        allowance = sandbox.allowance()
        with self.database.read() as session:
            people = PeopleOf(self.directory(session))
            yield lambda source: sandbox.evaluate(source, given, people, allowance)

    def ensure_standing_jobs(self) -> int:
        """Put in the jobs that go on for ever and are not there yet. Returns how many were put in."""
        return standing.ensure(self.database, self.services.jobs, self.clock())

    def fire_due_timers(self, limit: int = 100) -> int:
        """Fire the timers that are due, and do what else is due and needs nothing from outside.

        Each has a transaction of its own. Returns how many were done. While it is not 0 there may be more.
        """
        return self._jobs.run_due(limit)

    def lease_job(self, owner: str, span: timedelta = LEASE) -> Job | None:
        """Give a worker the next job that lies outside, such as the call of another system; None while there is none.

        It has to bring the job to its end (`work`) or give it back in this span of time. Afterwards others may have
        it, and what it still brings is dropped.
        """
        return self._jobs.lease(owner, span)

    def work(self, leased: Job) -> bool:
        """Do a leased job, outside of any transaction, and write down what came of it in one of its own.

        Returns whether it was done, and in time.
        """
        return self._jobs.work(leased)

    def give_back(self, leased: Job) -> None:
        """Let another worker have a leased job at once."""
        self._jobs.give_back(leased)

    def give_back_all(self, owner: str) -> int:
        """Let others have at once whatever is leased to this worker. Returns how many jobs those were."""
        return self._jobs.give_back_all(owner)

    def hand_over_jobs(self, limit: int, span: timedelta = dispatch.SPAN) -> list[int]:
        """Numbers of jobs that are due, for a broker to spread. They are not given again for this span of time.

        The mark is a courtesy and no lock: whoever does a job (`do_job`) looks whether it is still to be done.
        """
        return self._jobs.hand_over(limit, span)

    def has_jobs_to_hand_over(self) -> bool:
        """Whether there is any, at the price of one question."""
        return self._jobs.has_to_hand_over()

    def take_back_jobs(self, ids: Collection[int]) -> None:
        """These could not be handed over after all; they are given out again at once."""
        self._jobs.take_back(ids)

    def do_job(self, job_id: int, owner: str, span: timedelta = LEASE) -> bool:
        """Do the job with this number if it is due and nobody has it, whatever its kind. Returns whether it did.

        Told twice, late, or of a job that is gone, it does nothing.
        """
        return self._jobs.do(job_id, owner, span)

    def work_off(self, owner: str = "somebody", limit: int = 100) -> int:
        """Do what is due and lies outside, one after the other, here and now. Returns how many were done."""
        done = 0
        for _job in range(limit):
            leased = self.lease_job(owner)
            if leased is None:
                break
            done += self.work(leased)
        return done

    def deliver_messages(self) -> int:
        """Hand over what lies in the mailbox, each in a transaction of its own, and some of what that sets off.

        Returns how many were handed over. While it is not 0 there may be more.
        """
        return self._postman.deliver_due()

    def forget_expired_messages(self) -> int:
        """Throw away messages that nobody has taken in time. Returns how many that were."""
        return self._postman.forget_expired()

    def _hand_over(self, message_id: int, mail: Mail) -> Result:
        return self._execute(DeliverMessage(message_id), SYSTEM, None, mail)

    def queries(self, session: Session, actor: Actor) -> Queries:
        """The read side, as this person may see it."""
        return Queries(session, actor, self.directory(session))

    def view_task(self, task_id: str, actor: Actor) -> TaskView:
        """A task as its page needs it: details, the facts that decide, the form and its data."""
        with self.database.read() as session:
            ctx = self._context(session, actor)
            return view_task(ctx, self.queries(session, actor), task_id)

    def start_form(self, process_key: str, actor: Actor) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The form (form-js JSON) that starts a process and its default data; None when it needs none.

        Raises NotFound, or Forbidden for who may not start it.
        """
        with self.database.read() as session:
            return start_form(self._context(session, actor), self.queries(session, actor), process_key)

    def form_words(self, process_key: str) -> FormWords:
        """What a process's forms call its variables and their values. Raises NotFound."""
        with self.database.read() as session:
            return form_words(self._context(session, SYSTEM), process_key)

    def close(self) -> None:
        """Give back processes and connections."""
        self.services.sandbox.close()
        self.database.close()

    def _context(self, session: Session, actor: Actor, mail: Mail | None = None) -> CommandContext:
        ctx = CommandContext(session, actor, self.clock(), self.directory(session), self.services)
        if mail is not None:
            ctx.mail = mail
        return ctx

    def _carry_out(self, session: Session, command: Command, actor: Actor, mail: Mail) -> Result:
        ctx = self._context(session, actor, mail)
        result = HANDLERS[type(command)](ctx, command)
        ctx.tell_observers()
        return result

    def _part(
        self, measured: ExitStack, session: Session, command: Command, actor: Actor, mail: Mail
    ) -> Result:
        """Carry out a command of several; it is measured until all of them are committed."""
        if self._meter is None:
            return self._carry_out(session, command, actor, mail)
        tell = measured.enter_context(self._meter.command(command, actor))
        tell(result := self._carry_out(session, command, actor, mail))
        return result

    def _execute_once(self, command: Command, actor: Actor, key: str, mail: Mail) -> Result:
        fingerprint = _fingerprint(command)
        with self.database.write() as session:
            _queue(session, actor, key)
            known = session.execute(
                select(idempotency).where(idempotency.c.key == key, idempotency.c.actor == actor.user)
            ).first()
            if known is not None:
                if known.fingerprint != fingerprint:
                    raise Invalid(_("This idempotency key was used for a different command."))
                return replace(_result(known.result), replayed=True)
            result = self._carry_out(session, command, actor, mail)
            session.execute(
                insert(idempotency).values(
                    key=key,
                    actor=actor.user,
                    command=type(command).__name__,
                    fingerprint=fingerprint,
                    result=asdict(result),
                    created_at=self.clock(),
                )
            )
        return result

    def _tell_conditions(self, mail: Mail) -> None:
        """Let the conditions that start processes be asked soon, now that data stores hold something else.

        Never fails: the command is done, and they are asked by and by anyway. One by one, and only when the command
        is committed, so that nobody who waits for a data store keeps the row of a condition from others.
        """
        written = frozenset(mail.written)
        mail.written.clear()
        try:
            with self.database.read() as session:
                found = conditions.depending(session, self.services.definitions, written)
            for condition_id in found:
                with self.database.write() as session:
                    conditions.hasten(session, condition_id, self.clock())
        except Exception:
            log.exception("conditions were left to their time")


def _queue(session: Session, actor: Actor, key: str) -> None:
    """Let commands with the same key follow one another, so that the second finds what the first has answered.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256(f"{actor.user}\n{key}".encode("utf-8", "surrogatepass")).digest()
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))))


def _fingerprint(command: Command) -> str:
    said = json.dumps(
        [type(command).__name__, asdict(command)], sort_keys=True, ensure_ascii=False, default=str
    )
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _result(stored: Mapping[str, Any]) -> Result:
    return Result(**{**stored, "task_ids": tuple(stored["task_ids"])})
