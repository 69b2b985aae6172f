"""S-FEEL as far as decision tables hold it: unary tests and simple values (DMN 1.3 §9).

``-``, ``>= 10``, ``[1..5]``, ``(1..5]``, ``"a","b"``, ``not("a")``, ``true``, ``null``, ``date("2026-01-01")``,
``date and time("2026-01-01T08:00:00Z")``, and names of variables where a value may stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from engine.decisions.values import Value, compare, equal

Resolve = Callable[[tuple[str, ...]], Value]
"""Gives the value of a variable path such as ("goal", "owner")."""


class NotFeel(Exception):
    """A text is no S-FEEL unary test or simple value; the message says where it stops being one."""


class NotDate(NotFeel):
    """It is written like a date literal, but there is no such date."""


@dataclass(frozen=True)
class Literal:
    """A value that is written out."""

    value: Value

    def resolve(self, _names: Resolve) -> Value:
        return self.value


@dataclass(frozen=True)
class Reference:
    """A variable, or a part of one: ``goal.owner``."""

    path: tuple[str, ...]

    def resolve(self, names: Resolve) -> Value:
        return names(self.path)


Endpoint = Literal | Reference


@dataclass(frozen=True)
class Anything:
    """``-``, or an empty cell: holds for every value, null too (DMN 1.3 §8.2.8)."""

    def holds(self, _value: Value, _names: Resolve) -> bool | None:
        return True


ANYTHING = Anything()


@dataclass(frozen=True)
class Equals:
    """A value alone: holds when the input equals it."""

    endpoint: Endpoint

    def holds(self, value: Value, names: Resolve) -> bool | None:
        return equal(value, self.endpoint.resolve(names))


@dataclass(frozen=True)
class Compares:
    """``< <= > >=``: unknown, so that the rule does not match, when the input is null."""

    operator: str
    endpoint: Endpoint

    def holds(self, value: Value, names: Resolve) -> bool | None:
        order = compare(value, self.endpoint.resolve(names))
        if order is None:
            return None
        return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[self.operator]


@dataclass(frozen=True)
class Between:
    """An interval; ``(`` and ``]`` before the start, ``)`` and ``[`` after the end leave the endpoint out."""

    low: Endpoint
    high: Endpoint
    with_low: bool
    with_high: bool

    def holds(self, value: Value, names: Resolve) -> bool | None:
        from_low = compare(value, self.low.resolve(names))
        to_high = compare(value, self.high.resolve(names))
        if from_low is None or to_high is None:
            return None
        above = from_low > 0 or (self.with_low and from_low == 0)
        return above and (to_high < 0 or (self.with_high and to_high == 0))


@dataclass(frozen=True)
class OneOf:
    """Tests with commas between them: holds when one of them does."""

    tests: tuple[Equals | Compares | Between, ...]

    def holds(self, value: Value, names: Resolve) -> bool | None:
        results = [test.holds(value, names) for test in self.tests]
        return True if True in results else None if None in results else False


@dataclass(frozen=True)
class Not:
    """``not(…)``: unknown stays unknown."""

    test: OneOf

    def holds(self, value: Value, names: Resolve) -> bool | None:
        result = self.test.holds(value, names)
        return None if result is None else not result


UnaryTests = Anything | OneOf | Not


class _Token(NamedTuple):
    kind: str
    text: str


_TOKENS = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<number>\d+(?:\.\d+)?|\.\d+(?!\.))
      | (?P<name>[^\W\d]\w*)
      | (?P<sign><=|>=|<|>|\.\.|[\[\](),.@-])
      | (?P<other>\S)
    )""",
    re.X,
)
MAX_DIGITS = 300
"""Python reads no whole number of more than 4,300 digits, and a decimal one of more than 308 is infinite."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_CONSTANTS = {"true": True, "false": False, "null": None}
_PYTHONS = {"True": "true", "False": "false", "None": "null"}
_END = _Token("end", "")


def parse_unary_tests(text: str) -> UnaryTests:
    """A cell of an input column, or the list of values an input or output allows. Raises NotFeel."""
    parser = _Parser(text)
    if parser.at_end():
        return ANYTHING
    tests = parser.unary_tests()
    parser.finish()
    return tests


def parse_simple_value(text: str) -> Endpoint | None:
    """The text as a literal or a variable path such as ``goal.owner``, or None when it is something else.

    Raises NotDate for ``date("2026-02-30")``.
    """
    parser = _Parser(text)
    try:
        endpoint = parser.endpoint()
        parser.finish()
    except NotDate:
        raise
    except NotFeel:
        return None
    return endpoint


class _Parser:
    """Recursive descent over the tokens; one method for each production of DMN 1.3 §9."""

    def __init__(self, text: str) -> None:
        self._tokens = [
            _Token(match.lastgroup or "other", match[match.lastgroup or "other"])
            for match in _TOKENS.finditer(text.rstrip())
        ]
        self._next = 0

    def at_end(self) -> bool:
        return self._next == len(self._tokens)

    def finish(self) -> None:
        if not self.at_end():
            raise self._unexpected()

    def unary_tests(self) -> UnaryTests:
        if self._tokens == [_Token("sign", "-")]:
            self._next = 1
            return ANYTHING
        if self._peek() == _Token("name", "not") and self._peek(1).text == "(":
            self._next += 2
            tests = self._positive_tests()
            self._expect(")")
            return Not(tests)
        return self._positive_tests()

    def endpoint(self) -> Endpoint:
        token = self._take()
        match token.kind:
            case "string":
                return Literal(_unquote(token.text))
            case "number":
                return Literal(_number(token.text))
            case "name":
                return self._named(token)
        if token.text == "-" and self._peek().kind == "number":
            return Literal(-_number(self._take().text))
        if token.text == "@":
            return Literal(_moment(self._string()))
        raise self._unexpected(back=1)

    def _positive_tests(self) -> OneOf:
        tests = [self._positive_test()]
        while self._accept(","):
            tests.append(self._positive_test())
        return OneOf(tuple(tests))

    def _positive_test(self) -> Equals | Compares | Between:
        sign = self._peek().text if self._peek().kind == "sign" else ""
        if sign in ("<", "<=", ">", ">="):
            self._next += 1
            return Compares(sign, self.endpoint())
        if sign in ("[", "(", "]"):
            self._next += 1
            return self._interval(with_low=sign == "[")
        return Equals(self.endpoint())

    def _interval(self, with_low: bool) -> Between:
        low = self.endpoint()
        self._expect("..")
        high = self.endpoint()
        end = self._take()
        if end.kind != "sign" or end.text not in ("]", ")", "["):
            raise self._unexpected(back=1)
        if (
            isinstance(low, Literal)
            and isinstance(high, Literal)
            and (compare(low.value, high.value) or 0) > 0
        ):
            raise NotFeel("the interval ends before it starts")
        return Between(low, high, with_low, end.text == "]")

    def _named(self, token: _Token) -> Endpoint:
        if token.text in _CONSTANTS and self._peek().text != ".":
            return Literal(_CONSTANTS[token.text])
        if token.text in _PYTHONS:
            raise NotFeel(f"“{token.text}” is written {_PYTHONS[token.text]} here")
        following = [token.text, self._peek().text, self._peek(1).text, self._peek(2).text]
        if following[:2] == ["date", "("]:
            return Literal(_day(self._argument()))
        if following == ["date", "and", "time", "("]:
            self._next += 2
            return Literal(_date_time(self._argument()))
        path = [token.text]
        while self._accept("."):
            part = self._take()
            if part.kind != "name":
                raise self._unexpected(back=1)
            path.append(part.text)
        return Reference(tuple(path))

    def _argument(self) -> str:
        self._expect("(")
        text = self._string()
        self._expect(")")
        return text

    def _string(self) -> str:
        token = self._take()
        if token.kind != "string":
            raise self._unexpected(back=1)
        return _unquote(token.text)

    def _peek(self, ahead: int = 0) -> _Token:
        position = self._next + ahead
        return self._tokens[position] if position < len(self._tokens) else _END

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _accept(self, sign: str) -> bool:
        accepted = self._peek() == _Token("sign", sign)
        self._next += accepted
        return accepted

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise self._unexpected(wanted=sign)

    def _unexpected(self, back: int = 0, wanted: str = "") -> NotFeel:
        token = self._peek(-back)
        found = f"“{token.text}”" if token.text else "the end"
        return NotFeel(f"{found} is unexpected" + (f", “{wanted}” is missing" if wanted else ""))


def _unquote(text: str) -> str:
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _unescape, text[1:-1])


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) == 5 else _ESCAPES.get(code, code)


def _number(text: str) -> int | float:
    if len(text) > MAX_DIGITS:
        raise NotFeel(f"a number has more than {MAX_DIGITS} digits")
    return float(text) if "." in text else int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotDate(f"“{text}” is not a date such as 2027-03-31") from None


def _date_time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotDate(f"“{text}” is not a date and time such as 2027-03-31T08:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(text: str) -> date:
    return _date_time(text) if "T" in text else _day(text)
