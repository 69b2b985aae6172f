"""Evaluates designers' expressions and scripts where they can reach nothing.

See docs/reference/expressions.md for the language and docs/decisions/0002 for why it runs in other processes.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal, Protocol

from engine.directory import Directory
from engine.errors import BpmnError, PlanFlowError
from engine.messages import translatable as _
from engine.sandbox.frames import Header
from engine.sandbox.plain import UNSURE, look_up
from engine.sandbox.pool import Limits, Pool, WorkerLost

Json = Any
"""None, bool, int, float, str, or lists and str-keyed dicts of these."""

Kind = Literal["expression", "script"]
Read = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""What a source reads before giving it a value itself, what keeps it from being run, and what it assigns."""

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
_MEMORY = _("It needed more than %(megabytes)s MB of memory and was stopped.")
_LARGE = _("Its result is too large: %(reason)s")
_CRASHED = _("It brought its sandbox down and was stopped; it may be nested too deeply.")


class Sandbox:
    """Evaluates sources in a small pool of worker processes; safe to share between threads.

    Processes are started when first needed and end with this object or the interpreter.
    """

    def __init__(self, limits: Limits | None = None, workers: int = 2) -> None:
        self._limits = limits or Limits()
        self._pool = Pool(self._limits, workers)
        self._read_once = lru_cache(maxsize=4096)(self._read_in_worker)

    def evaluate(
        self, expression: str, variables: Mapping[str, Json], functions: DirectoryFunctions | None = None
    ) -> Json:
        """The expression's value. ``variables`` hold JSON values; only those that it reads are sent.

        Raises ScriptFailed, or BpmnError when the expression calls ``bpmn_error``.
        """
        return self._run(expression, "expression", variables, functions)

    def execute(
        self, script: str, variables: Mapping[str, Json], functions: DirectoryFunctions | None = None
    ) -> dict[str, Json]:
        """What the script leaves behind: names it assigned at top level, and variables it changed in place.

        Loop variables, functions and names with a leading underscore stay its own. Raises as ``evaluate``.
        """
        changed: dict[str, Json] = self._run(script, "script", variables, functions)
        return changed

    def check(self, source: str, kind: Kind = "expression") -> list[str]:
        """What keeps the source from being run, as "line 3: reason"; empty when nothing does."""
        return list(self._read(source, kind)[1])

    def names(self, source: str, kind: Kind = "expression") -> frozenset[str]:
        """The variables that the source reads before giving them a value itself; empty if it does not parse.

        Names that are only asked for with ``var("name", default)`` are not among them.
        """
        return frozenset(self._read(source, kind)[0])

    def assigned(self, script: str) -> frozenset[str]:
        """The variables that the script may leave behind by giving them a value; empty if it does not parse."""
        return frozenset(self._read(script, "script")[2])

    def close(self) -> None:
        """End the idle workers. Using the sandbox again starts new ones."""
        self._pool.close()

    def _run(
        self,
        source: str,
        kind: Kind,
        variables: Mapping[str, Json],
        functions: DirectoryFunctions | None,
    ) -> Json:
        free, problems, _assigned = self._read(source, kind)
        if problems:
            raise _not_readable(problems[0])
        if kind == "expression":
            value = look_up(source, free, variables, self._limits.result)
            if value is not UNSURE:
                return value
        given = [name for name in free if name in variables]
        payload = json.dumps({name: variables[name] for name in given}).encode() if given else b""
        request = {"do": "evaluate", "source": source, "kind": kind, "given": given}
        reply, result = self._exchange(request, payload, _Answers(variables, functions))
        if "throw" in reply:
            raise BpmnError(*reply["throw"])
        if "failed" in reply:
            raise self._failed(*reply["failed"])
        return json.loads(result)

    def _read(self, source: str, kind: Kind) -> Read:
        """What a source reads, its problems, what it assigns. A worker parses: untrusted text can crash a parser."""
        try:
            return self._read_once(source, kind)
        except ScriptFailed as failed:  # not remembered: a worker may have been lost for another reason
            return (), (f"line 1: {failed}",), ()

    def _read_in_worker(self, source: str, kind: Kind) -> Read:
        reply, _result = self._exchange({"do": "read", "source": source, "kind": kind}, b"", _no_answers)
        return tuple(reply["free"]), tuple(reply["problems"]), tuple(reply["assigned"])

    def _exchange(self, request: Header, payload: bytes, answer: Any) -> tuple[Header, bytes]:
        try:
            with self._pool.worker() as worker:
                reply, result = worker.exchange(request, payload, answer)
                if reply.get("gone"):
                    worker.stop()
        except WorkerLost as lost:
            raise self._lost(lost.signal) from None
        if reply.get("gone"):
            raise self._failed(*reply["failed"])
        return reply, result

    def _failed(self, kind: FailureKind, reason: str, line: int | None) -> ScriptFailed:
        match kind:
            case "timeout":
                template = _SLOW_AT if line else _SLOW
                return ScriptFailed(template, kind, line, seconds=self._limits.seconds)
            case "memory":
                return ScriptFailed(_MEMORY, kind, line, megabytes=self._limits.memory >> 20)
            case "too_large":
                return ScriptFailed(_LARGE, kind, line, reason=reason)
        return ScriptFailed(_FAILED_AT if line else _FAILED, "error", line, reason=reason)

    def _lost(self, ended_by: int) -> ScriptFailed:
        match ended_by:
            case signal.SIGALRM:
                return self._failed("timeout", "", None)
            case signal.SIGABRT | signal.SIGKILL:
                return self._failed("memory", "", None)
        return ScriptFailed(_CRASHED, "error")


class _Answers:
    """Answers a worker's questions during one evaluation."""

    def __init__(self, variables: Mapping[str, Json], functions: DirectoryFunctions | None) -> None:
        self._variables = variables
        self._functions = functions

    def __call__(self, function: str, arguments: list[str]) -> Json:
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


def _no_answers(_function: str, _arguments: list[Any]) -> Json:
    raise WorkerLost(0)


def _not_readable(problem: str) -> ScriptFailed:
    place, _colon, reason = problem.partition(": ")
    return ScriptFailed(_FAILED_AT, "error", int(place.removeprefix("line ")), reason=reason)
