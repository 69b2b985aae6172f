"""Evaluates designers' expressions and scripts where they can reach nothing.

See docs/reference/expressions.md for the language and docs/decisions/0002 for why it runs in other processes.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from time import monotonic
from typing import Any, Literal, Protocol

from engine.directory import Directory
from engine.errors import BpmnError, PlanFlowError
from engine.messages import translatable as _
from engine.sandbox.allowance import Allowance
from engine.sandbox.counting import count_days
from engine.sandbox.frames import Header
from engine.sandbox.functions import CALENDAR
from engine.sandbox.kept import Kept
from engine.sandbox.plain import UNSURE, look_up
from engine.sandbox.pool import Pool
from engine.sandbox.process import Limits, WorkerLost
from engine.sandbox.rest import Resting
from engine.working_days import WorkingDays

Json = Any
"""None, bool, int, float, str, or lists and str-keyed dicts of these."""

Kind = Literal["expression", "script"]
FailureKind = Literal["error", "timeout", "memory", "too_large"]


class DirectoryFunctions(Protocol):
    """What expressions may ask about people. The answers come from the engine, while the source waits."""

    def superior(self, user: str) -> str | None:
        """The sign-in name of the user's superior, or None."""

    def members(self, group: str) -> list[str]:
        """The sign-in names of a group's active people, sorted."""

    def display_name(self, user: str) -> str:
        """How the user is shown to people; the sign-in name when nobody has it."""


class PeopleOf:
    """The directory functions over a :class:`engine.directory.Directory`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def superior(self, user: str) -> str | None:
        person = self._directory.person(user)
        return person.superior if person else None

    def members(self, group: str) -> list[str]:
        return self._directory.members(group)

    def display_name(self, user: str) -> str:
        person = self._directory.person(user)
        return person.display_name if person else user


class ScriptFailed(PlanFlowError):
    """An expression or script gave no result. ``kind`` says how, ``line`` where (1-based), ``reason`` why."""

    status = 422
    code = "script_failed"

    def __init__(self, template: str, kind: FailureKind, line: int | None = None, **params: Any) -> None:
        super().__init__(template, line=line, **params)
        self.kind = kind
        self.line = line
        self.reason = str(params.get("reason", ""))


_FAILED_AT = _("Line %(line)s: %(reason)s")
_FAILED = _("It failed: %(reason)s")
_SLOW = _("It took longer than %(seconds)s s and was stopped.")
_SLOW_AT = _("Line %(line)s: it took longer than %(seconds)s s and was stopped.")
_SPENT = _("The expressions and scripts of this step took longer than %(seconds)s s together.")
_RESTS = _("It was stopped a moment ago and rests for %(seconds)s s: %(reason)s")
_MEMORY = _("It needed more than %(megabytes)s MB of memory and was stopped.")
_LARGE = _("Its result is too large: %(reason)s")
_ENDED = _("Its sandbox was ended from outside, perhaps because the machine was short of memory.")
_CRASHED = _("It brought its sandbox down and was stopped; it may be nested too deeply.")


Read = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""The free names of a source, what keeps it from being run, the names that it assigns, and the functions it uses."""

MOST_WORKERS = 9
"""Workers at once: as many as the server has threads that may ask, eight for requests and one for timers."""

ATTEMPTS = 3
"""How many workers may be found dead, one after the other, before a request fails. None of them had read it."""

REST = 10
"""How many times its limit a source rests that had to be stopped: ten of eleven seconds are then for the others."""

ALONE = 0.9
"""Share of its limit from which a source is said to have used up the time alone, and not those before it."""

TIMED_OUT = (signal.SIGPROF, signal.SIGALRM)
"""A worker's own alarms."""

NOT_ITS_FAULT = (signal.SIGKILL, signal.SIGTERM, signal.SIGALRM)
"""What ends a worker whose source has done nothing wrong: somebody outside, or a machine that had no time for it."""

COST_OF_A_LOSS = 0.05
"""Share of the time limit that a lost worker costs at least, since another one has to be started."""


class Sandbox:
    """Evaluates sources in a small pool of worker processes; safe to share between threads.

    Processes are started when first needed and end with this object or the interpreter. ``workers`` are kept; while
    sources take their time, up to ``most`` run. ``working_days``: the calendar that they count with; Monday to Friday
    if it is not given.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        workers: int = 2,
        most: int = MOST_WORKERS,
        working_days: WorkingDays | None = None,
    ) -> None:
        self.working_days = working_days or WorkingDays()
        self._limits = limits or Limits()
        self._pool = Pool(self._limits, min(workers, most), most)
        self._resting: Resting[ScriptFailed] = Resting(self._limits.seconds * REST)
        self._known: Kept[Read] = Kept(count=4096, characters=4_000_000)

    def allowance(self, sources: int = 1) -> Allowance:
        """What one command may take: all its sources together as long as ``sources`` of them, each at its limit."""
        return Allowance(self._limits.seconds * sources)

    def evaluate(
        self,
        expression: str,
        variables: Mapping[str, Json],
        functions: DirectoryFunctions | None = None,
        allowance: Allowance | None = None,
    ) -> Json:
        """The expression's value. ``variables`` hold JSON values; only those that it reads are sent.

        Raises ScriptFailed, or BpmnError when the expression calls ``bpmn_error``.
        """
        return self._run(expression, "expression", variables, functions, allowance or self.allowance())

    def execute(
        self,
        script: str,
        variables: Mapping[str, Json],
        functions: DirectoryFunctions | None = None,
        allowance: Allowance | None = None,
    ) -> dict[str, Json]:
        """What the script leaves behind: names it assigned at top level, and variables it changed in place.

        Loop variables, functions and names with a leading underscore stay its own. Raises as ``evaluate``.
        """
        allowance = allowance or self.allowance()
        changed: dict[str, Json] = self._run(script, "script", variables, functions, allowance)
        return changed

    def check(self, source: str, kind: Kind = "expression", allowance: Allowance | None = None) -> list[str]:
        """What keeps the source from being run, as "line 3: reason"; empty when nothing does."""
        return list(self._read(source, kind, allowance or self.allowance())[1])

    def names(
        self, source: str, kind: Kind = "expression", allowance: Allowance | None = None
    ) -> frozenset[str]:
        """The variables that the source reads before giving them a value itself; empty if it does not parse.

        Names that are only asked for with ``var("name", default)`` are not among them.
        """
        return frozenset(self._read(source, kind, allowance or self.allowance())[0])

    def assigned(self, script: str, allowance: Allowance | None = None) -> frozenset[str]:
        """The variables that the script may leave behind by giving them a value; empty if it does not parse."""
        return frozenset(self._read(script, "script", allowance or self.allowance())[2])

    def counts_days(self, source: str, kind: Kind = "expression", allowance: Allowance | None = None) -> bool:
        """Whether the source asks the calendar of working days."""
        return not CALENDAR.isdisjoint(self._read(source, kind, allowance or self.allowance())[3])

    def close(self) -> None:
        """End the idle workers. Using the sandbox again starts new ones."""
        self._pool.close()

    def _run(
        self,
        source: str,
        kind: Kind,
        variables: Mapping[str, Json],
        functions: DirectoryFunctions | None,
        allowance: Allowance,
    ) -> Json:
        free, problems, *_rest = self._read(source, kind, allowance)
        if problems:
            raise _not_readable(problems[0])
        if kind == "expression":
            value = look_up(source, free, variables, self._limits.result)
            if value is not UNSURE:
                return value
        given = [name for name in free if name in variables]
        payload = json.dumps({name: variables[name] for name in given}).encode() if given else b""
        request = {"do": "evaluate", "source": source, "kind": kind, "given": given}
        answers = _Answers(variables, functions, self.working_days)
        reply, result = self._exchange(request, payload, answers, allowance)
        if "throw" in reply:
            raise BpmnError(*reply["throw"])
        return _decoded(result)

    def _read(self, source: str, kind: Kind, allowance: Allowance) -> Read:
        """What a source is made of. Parsing is the worker's too: untrusted text can bring a parser down."""
        known = self._known.get(source, kind)
        if known is not None:
            return known
        request = {"do": "read", "source": source, "kind": kind}
        try:
            reply, _result = self._exchange(request, b"", _no_answers, allowance)
        except ScriptFailed as failed:  # not remembered: a worker may have been lost for another reason
            return (), (f"line 1: {failed}",), (), ()
        read = (tuple(reply[part]) for part in ("free", "problems", "assigned", "functions"))
        free, problems, assigned, functions = read
        found = free, problems, assigned, functions
        return self._known.put(source, kind, found)

    def _exchange(
        self, request: Header, payload: bytes, answer: Any, allowance: Allowance
    ) -> tuple[Header, bytes]:
        """What a worker replies, unless the source rests or the allowance is used up."""
        stopped = self._resting.get(request["source"], request["kind"])
        if stopped is not None:
            said = {"seconds": self._resting.seconds, "reason": str(stopped)}
            raise ScriptFailed(_RESTS, stopped.kind, stopped.line, **said)
        if allowance.left <= 0:
            raise ScriptFailed(_SPENT, "timeout", seconds=allowance.seconds)
        granted = min(self._limits.seconds, allowance.left)
        together = allowance.seconds if granted < self._limits.seconds * ALONE else None
        begun = monotonic()
        try:
            reply, result = self._say({**request, "seconds": granted}, payload, answer)
        except WorkerLost as lost:
            used = granted if lost.signal in TIMED_OUT else min(monotonic() - begun, granted)
            allowance.spend(max(used, self._limits.seconds * COST_OF_A_LOSS))
            failed = self._lost(lost.signal, together)
            if lost.signal not in NOT_ITS_FAULT:
                self._resting.put(request["source"], request["kind"], failed)
            raise failed from None
        timed_out = reply.get("failed", [None])[0] == "timeout"
        allowance.spend(granted if timed_out else reply["took"])
        if reply["gone"]:
            allowance.spend(self._limits.seconds * COST_OF_A_LOSS)
        if "failed" in reply:
            raise self._stopped(request, reply, together)
        return reply, result

    def _stopped(self, request: Header, reply: Header, together: float | None) -> ScriptFailed:
        """What a worker says has failed. What took all its time or memory rests."""
        kind, reason, line = reply["failed"]
        failed = self._failed(kind, reason, line, together)
        if kind in ("timeout", "memory"):
            self._resting.put(request["source"], request["kind"], failed)
        return failed

    def _say(self, request: Header, payload: bytes, answer: Any) -> tuple[Header, bytes]:
        """The reply of a worker; of another one where the first had ended before it read the request."""
        for _attempt in range(ATTEMPTS - 1):
            try:
                return self._say_once(request, payload, answer)
            except WorkerLost as lost:
                if lost.begun:
                    raise
        return self._say_once(request, payload, answer)

    def _say_once(self, request: Header, payload: bytes, answer: Any) -> tuple[Header, bytes]:
        with self._pool.worker() as worker:
            reply, result = worker.exchange(request, payload, answer)
            if reply["gone"]:
                worker.stop()
        return reply, result

    def _failed(
        self, kind: FailureKind, reason: str, line: int | None = None, together: float | None = None
    ) -> ScriptFailed:
        """``together``: seconds of all sources, where it was not the source's own limit that ended it."""
        match kind:
            case "timeout" if together is not None:
                return ScriptFailed(_SPENT, kind, line, seconds=together)
            case "timeout":
                template = _SLOW_AT if line else _SLOW
                return ScriptFailed(template, kind, line, seconds=self._limits.seconds)
            case "memory":
                return ScriptFailed(_MEMORY, kind, line, megabytes=self._limits.memory >> 20)
            case "too_large":
                return ScriptFailed(_LARGE, kind, line, reason=reason)
        return ScriptFailed(_FAILED_AT if line else _FAILED, "error", line, reason=reason)

    def _lost(self, ended_by: int, together: float | None) -> ScriptFailed:
        match ended_by:
            case signal.SIGPROF | signal.SIGALRM:
                return self._failed("timeout", "", together=together)
            case signal.SIGABRT:
                return self._failed("memory", "")
            case signal.SIGKILL | signal.SIGTERM:
                return ScriptFailed(_ENDED, "error")
        return ScriptFailed(_CRASHED, "error")


class _Answers:
    """Answers a worker's questions during one evaluation."""

    def __init__(
        self, variables: Mapping[str, Json], functions: DirectoryFunctions | None, days: WorkingDays
    ) -> None:
        self._variables = variables
        self._functions = functions
        self._days = days

    def __call__(self, function: str, arguments: list[Any]) -> Json:
        if function in CALENDAR:
            return count_days(self._days, self._variables.get("now"), function, arguments)
        (name,) = arguments
        if function == "var":
            return [self._variables[name]] if name in self._variables else []
        if self._functions is None:
            raise ScriptFailed(_("%(function)s() cannot be used here."), "error", function=function)
        match function:
            case "superior":
                return self._functions.superior(name)
            case "members":
                return self._functions.members(name)
            case "display_name":
                return self._functions.display_name(name)
        raise WorkerLost(0)


def _decoded(result: bytes) -> Json:
    try:
        return json.loads(result)
    except ValueError as error:  # Python reads no whole number of more than 4,300 digits
        raise ScriptFailed(_LARGE, "too_large", reason=str(error).partition(";")[0]) from None


def _no_answers(_function: str, _arguments: list[Any]) -> Json:
    raise WorkerLost(0)


def _not_readable(problem: str) -> ScriptFailed:
    """What is wrong with a source: at a line, or with all of it, which begins at the first."""
    place, _colon, reason = problem.partition(": ")
    line = place.removeprefix("line ")
    if not line.isdecimal():
        return ScriptFailed(_FAILED_AT, "error", 1, reason=problem)
    return ScriptFailed(_FAILED_AT, "error", int(line), reason=reason)
