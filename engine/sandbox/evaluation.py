"""Evaluates one Starlark source in a fresh module. Runs inside a worker.

Variables come in and results go out as JSON text that Starlark itself decodes and encodes, which is several
times cheaper than turning each value into a Python object and back.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from textwrap import dedent
from typing import Any

import starlark

from engine.sandbox.functions import CALENDAR, LOOKUPS, PRELUDE, PRELUDE_NAMES, PURE
from engine.sandbox.kept import Kept
from engine.sandbox.names import Names, analyse
from engine.sandbox.periods import PERIODS, read_day

Ask = Callable[[str, list[Any]], Any]
"""Asks the engine: a function of directory or calendar, or ``var``, by name, with its arguments."""

SOURCE_LIMIT = 65_536
DEPTH_LIMIT = 100

_RESULT = "_result"
_VARIABLES = "_variables"
_SCRIPT = "script"
_MISSING = object()
_WIDE_INTEGER = re.compile(rb"\d{19}")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


class Failure(Exception):
    """Why a source gave no result. ``kind``: error, timeout, memory or too_large."""

    def __init__(self, kind: str, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.kind, self.reason, self.line = kind, reason, line


class ThrownError(Exception):
    """The source called ``bpmn_error``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message


def _dialect(load: bool) -> starlark.Dialect:
    dialect = starlark.Dialect.extended()
    dialect.enable_f_strings = True
    dialect.enable_load = load
    return dialect


_DESIGNERS = _dialect(load=False)
_OURS = _dialect(load=True)
_PLAIN = starlark.Globals.standard()
_WITH_JSON = starlark.Globals.extended_by([starlark.LibraryExtension.Json])


def _prelude() -> starlark.FileLoader:
    module = starlark.Module()
    starlark.eval(module, starlark.parse("prelude", PRELUDE, _OURS), _PLAIN)
    frozen = module.freeze()
    return starlark.FileLoader(lambda _name: frozen)


_PRELUDE = _prelude()


Read = tuple[starlark.AstModule | None, Names]
"""What Starlark runs, and its names. The former is None when there are problems."""

_READ: Kept[Read] = Kept(count=512, characters=500_000)


def read(source: str, kind: str) -> Read:
    """Parse a source once."""
    return _READ.get(source, kind) or _READ.put(source, kind, _parse(source, kind))


def _parse(source: str, kind: str) -> Read:
    if len(source) > SOURCE_LIMIT:
        return None, Names(problems=(f"longer than {SOURCE_LIMIT} characters",))
    text = _prepare(source, kind)
    if not text:
        return None, Names(problems=("line 1: nothing to evaluate",))
    try:
        tree = starlark.parse(_SCRIPT, text if kind == "script" else f"{_RESULT} = ({text}\n)", _DESIGNERS)
        names = analyse(text if kind == "script" else f"({text}\n)")
    except starlark.StarlarkError as error:
        return None, Names(problems=(_syntax_problem(error, text),))
    except SyntaxError as error:
        return None, Names(problems=(f"line {error.lineno or 1}: {error.msg}",))
    except (RecursionError, ValueError, MemoryError):
        return None, Names(problems=("line 1: nested too deeply",))
    if kind == "expression" and not _is_one_expression(text):
        return None, Names(problems=("line 1: an expression is wanted here, not a statement",))
    return (None if names.problems else tree), names


def _prepare(source: str, kind: str) -> str:
    text = source.replace("\r\n", "\n")
    text = dedent(text) if kind == "script" else text
    return text if _has_code(text) else ""


def _has_code(text: str) -> bool:
    return any(line.strip() and not line.strip().startswith("#") for line in text.splitlines())


def _is_one_expression(text: str) -> bool:
    """Parentheses were put around it to let it run over lines; they must not have been closed from inside."""
    try:
        compile(f"({text}\n)", _SCRIPT, "eval", flags=0x400)  # PyCF_ONLY_AST: parsed, never compiled
    except SyntaxError:
        return False
    return True


class Evaluation:
    """One evaluation of one source: its module, its look-ups, its result as JSON text."""

    def __init__(self, source: str, kind: str, ask: Ask, cancelled: Callable[[], bool], limit: int) -> None:
        tree, self._names = read(source, kind)
        if tree is None:
            line, reason = _split_problem(self._names.problems[0])
            raise Failure("error", reason, line)
        self._tree = tree
        self._kind = kind
        self._ask = ask
        self._limit = limit
        self._answers: dict[str, Any] = {}
        self._thrown: ThrownError | None = None
        self._module = starlark.Module()
        self._options = starlark.EvalOptions(check_cancelled=cancelled)

    def run(self, given: Sequence[str], variables: bytes) -> bytes:
        """Evaluate with the variables named ``given``, held by the JSON object ``variables``."""
        try:
            self._provide(given, variables)
            before = {name: self._encode(name) for name in given} if self._kind == "script" else {}
            starlark.eval_with(self._options, self._module, self._tree, _PLAIN)
            text = self._changes(before) if self._kind == "script" else self._encode(_RESULT)
        except starlark.StarlarkError as error:
            raise self._failure(error) from None
        if len(text) > self._limit:
            raise Failure("too_large", f"{len(text):,} bytes; {self._limit:,} are allowed")
        return text

    def _provide(self, given: Sequence[str], variables: bytes) -> None:
        wide = bool(_WIDE_INTEGER.search(variables))
        if given and not wide:
            self._module[_VARIABLES] = variables.decode()
        used = self._names.functions & PRELUDE_NAMES
        prologue = _prologue(tuple(sorted(used)), () if wide else tuple(given))
        starlark.eval(self._module, prologue, _WITH_JSON, _PRELUDE)
        self._module[_VARIABLES] = None
        if wide:  # Starlark's decoder would turn an integer of more than 64 bits into a float
            for name, value in json.loads(variables).items():
                self._module[name] = value
        for name in self._names.functions:
            self._add_function(name)

    def _add_function(self, name: str) -> None:
        if name in PURE:
            self._module.add_callable(name, PURE[name])
        elif name in LOOKUPS:
            self._module.add_callable(name, partial(self._look_up, name))
        elif name in CALENDAR:
            self._module.add_callable(name, partial(self._count_days, name))
        elif name in PERIODS:
            self._module.add_callable(name, partial(PERIODS[name], self._today))
        elif name == "var":
            self._module.add_callable(name, self._variable)
        elif name == "bpmn_error":
            self._module.add_callable(name, self._throw)

    def _look_up(self, name: str, *arguments: object) -> Any:
        """Ask once for each person or group: an answer does not change while a source is evaluated."""
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            raise ValueError(f"{name}() wants one name, not {arguments!r}")
        key = f"{name} {arguments[0]}"
        if key not in self._answers:
            self._answers[key] = self._ask(name, [arguments[0]])
        return self._answers[key]

    def _count_days(self, name: str, *arguments: object) -> Any:
        """Ask once for the same: the calendar does not change while a source is evaluated."""
        key = f"{name} {json.dumps(arguments)}"
        if key not in self._answers:
            self._answers[key] = self._ask(name, list(arguments))
        answer = self._answers[key]
        if "problem" in answer:
            raise ValueError(answer["problem"])
        return answer["value"]

    def _today(self) -> datetime.date:
        return read_day(self._variable("today"))

    def _variable(self, name: object, default: object = _MISSING) -> Any:
        if not isinstance(name, str):
            raise ValueError(f"var() wants the name of a variable, not {name!r}")
        found = self._ask("var", [name])
        if found:
            return found[0]
        if default is _MISSING:
            raise ValueError(f"there is no variable `{name}`")
        return default

    def _throw(self, code: str, message: str = "") -> None:
        self._thrown = ThrownError(str(code), str(message))
        raise self._thrown

    def _encode(self, name: str) -> bytes:
        text = str(starlark.eval(self._module, _encoder(name), _WITH_JSON))
        if text.count("[") + text.count("{") > DEPTH_LIMIT and _depth(text) > DEPTH_LIMIT:
            raise Failure("too_large", f"`{name}` is nested more than {DEPTH_LIMIT} deep")
        return text.encode()

    def _changes(self, before: dict[str, bytes]) -> bytes:
        """What the script assigned, and which of the variables it changed in place."""
        parts = []
        for name in self._names.assigned:
            text = self._encode_if_set(name)
            if text is not None:
                parts.append((name, text))
        for name in before.keys() - set(self._names.assigned):
            text = self._encode_if_set(name) if before[name][:1] in b"[{" else None
            if text is not None and text != before[name]:
                parts.append((name, text))
        return b"{" + b",".join(b'"%b":%b' % (name.encode(), text) for name, text in parts) + b"}"

    def _encode_if_set(self, name: str) -> bytes | None:
        try:
            return self._encode(name)
        except starlark.StarlarkError as error:
            reason = str(error)
            if "referenced before assignment" in reason or "not found" in reason:
                return None  # assigned in a branch that was not taken
            raise Failure("error", f"`{name}`: {_value_problem(_explain(error)[1])}") from None

    def _failure(self, error: starlark.StarlarkError) -> Exception:
        if self._thrown is not None:
            return self._thrown
        line, reason = _explain(error)
        if "Evaluation cancelled" in reason:
            return Failure("timeout", reason, line)
        return Failure("error", _value_problem(reason), line)


@lru_cache(maxsize=512)
def _prologue(functions: tuple[str, ...], names: tuple[str, ...]) -> starlark.AstModule:
    lines = [f'load("prelude", {", ".join(map(repr, functions))})'] if functions else []
    if names:
        lines.append(f"{_VARIABLES} = json.decode({_VARIABLES})")
    lines += [f'{name} = {_VARIABLES}["{name}"]' for name in names]
    return starlark.parse("prologue", "\n".join(lines), _OURS)


@lru_cache(maxsize=512)
def _encoder(name: str) -> starlark.AstModule:
    return starlark.parse("epilogue", f"json.encode({name})", _OURS)


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in re.findall(r"[\[\]{}]", _TEXT.sub("", text)):
        depth += 1 if character in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


_MESSAGE = re.compile(r"^(?:error: )?(?P<reason>.*?)(?:\n\s*--> (?P<file>\w+):(?P<line>\d+):\d+|\Z)", re.S)
_CALLED_FROM = re.compile(r"^  \* script:(\d+)", re.M)


def _explain(error: starlark.StarlarkError) -> tuple[int | None, str]:
    """The line of the designer's source, and the reason without Starlark's frame around it."""
    text = str(error)
    start = max(text.find("\nerror: ") + 1, 0)
    found = _MESSAGE.match(text[start:])
    if found is None:
        return None, text
    if found["file"] == _SCRIPT:
        return int(found["line"]), _clean(found["reason"])
    callers = _CALLED_FROM.findall(text[:start])
    return (int(callers[-1]) if callers else None), _clean(found["reason"])


def _clean(reason: str) -> str:
    reason = re.sub(r"^(ValueError|TypeError|fail): ", "", reason)
    return reason.replace("Evaluation._throw()", "bpmn_error()").replace("Evaluation._variable()", "var()")


def _syntax_problem(error: starlark.StarlarkError, text: str) -> str:
    """One line of Starlark's report, which goes on to list every token that could have been."""
    line, reason = _explain(error)
    last = text.count("\n") + 1
    if (line or 1) > last:  # it stumbled over the parenthesis that was put behind the expression
        return f"line {last}: something is missing at the end"
    return f"line {line or 1}: {reason.removeprefix('Parse error: ').split(', expected one of')[0]}"


def _value_problem(reason: str) -> str:
    serialised = re.search(r"`serde::serialize` not supported on type `(\w+)`", reason)
    if serialised is None:
        return reason
    if serialised[1] == "range":
        return "a range is no value to keep; make it a list with list(range(...))"
    return f"a {serialised[1]} is no value to keep"


def _split_problem(problem: str) -> tuple[int | None, str]:
    found = re.match(r"line (\d+): (.*)", problem, re.S)
    return (int(found[1]), found[2]) if found else (None, problem)
