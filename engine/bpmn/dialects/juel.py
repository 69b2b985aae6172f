"""JUEL, the language of ``${…}`` and ``#{…}`` (Jakarta Expression Language 3.0 §1), as the tree that FEEL is read into.

Names, parts, literals, operators and ``empty``. Calls of methods reach into Java and are refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.feel_syntax import MAX_DEPTH, Binary, Call, Choice, Literal, Node, Not, Path

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?)
      | (?P<text>"(?:[^"\\]|\\["'\\])*"|'(?:[^'\\]|\\["'\\])*')
      | (?P<name>[^\W\d]\w*)
      | (?P<sign>==|!=|<=|>=|&&|\|\||[<>!+\-*/%?:.\[\](),])
    )""",
    re.VERBOSE,
)
_WORDS = {
    "eq": "=",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "==": "=",
    "div": "/",
    "mod": "%",
}
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_RESERVED = frozenset({"and", "or", "not", "empty", "instanceof", "div", "mod", *_CONSTANTS})


class JuelRefused(Exception):
    """The source is not in the part of JUEL that can be translated; the message says why."""


@dataclass(frozen=True)
class Fixed:
    """Text around the expressions of ``Order ${number} of ${customer}``."""

    text: str


def parts(text: str) -> list[Fixed | Node]:
    """A text with expressions in it, in order. Raises `JuelRefused`."""
    found: list[Fixed | Node] = []
    position = 0
    while (opening := _opening(text, position)) >= 0:
        if opening > position:
            found.append(Fixed(text[position:opening]))
        closing = _closing(text, opening + 2)
        found.append(_Parser(text[opening + 2 : closing]).whole())
        position = closing + 1
    if text[position:]:
        found.append(Fixed(text[position:]))
    return found


def is_juel(text: str) -> bool:
    """Whether there is an expression in it."""
    return _opening(text, 0) >= 0


def _opening(text: str, start: int) -> int:
    found = re.compile(r"[$#]\{").search(text, start)
    return found.start() if found else -1


def _closing(text: str, start: int) -> int:
    """Where the ``}`` is that belongs to an expression; one inside quotes does not."""
    quote = ""
    for position in range(start, len(text)):
        character = text[position]
        if quote:
            quote = "" if character == quote and text[position - 1] != "\\" else quote
        elif character in "\"'":
            quote = character
        elif character == "}":
            return position
    raise JuelRefused("The closing “}” is missing.")


class _Parser:
    """Recursive descent, one method for each level of precedence, lowest first."""

    def __init__(self, source: str) -> None:
        self._tokens = _tokens(source)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._choice()
        if self._at < len(self._tokens):
            raise self._unexpected()
        return node

    def _peek(self, ahead: int = 0) -> str:
        place = self._at + ahead
        return self._tokens[place][1] if place < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else "end"

    def _take(self, *texts: str) -> str | None:
        if self._kind() in ("sign", "name") and self._peek() in texts:
            self._at += 1
            return self._tokens[self._at - 1][1]
        return None

    def _demand(self, text: str) -> None:
        if self._take(text) is None:
            raise self._unexpected()

    def _unexpected(self) -> JuelRefused:
        if self._kind() == "end":
            return JuelRefused("The expression ends too early.")
        return JuelRefused(f"“{self._peek()}” is not expected here, or has no equal.")

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise JuelRefused("The expression is nested too deeply.")
        node = self._either()
        if self._take("?"):
            then = self._choice()
            self._demand(":")
            node = Choice(node, then, self._choice())
        self._depth -= 1
        return node

    def _either(self) -> Node:
        node = self._both()
        while self._take("||", "or"):
            node = Binary("or", node, self._both())
        return node

    def _both(self) -> Node:
        node = self._equality()
        while self._take("&&", "and"):
            node = Binary("and", node, self._equality())
        return node

    def _equality(self) -> Node:
        node = self._order()
        while sign := self._take("==", "!=", "eq", "ne"):
            node = Binary(_WORDS.get(sign, sign), node, self._order())
        return node

    def _order(self) -> Node:
        node = self._sum()
        while sign := self._take("<", "<=", ">", ">=", "lt", "le", "gt", "ge"):
            node = Binary(_WORDS.get(sign, sign), node, self._sum())
        return node

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._take("+", "-"):
            node = Binary(sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._unary()
        while sign := self._take("*", "/", "div"):
            node = Binary(_WORDS.get(sign, sign), node, self._unary())
        return node

    def _unary(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise JuelRefused("The expression is nested too deeply.")
        node = self._operand()
        self._depth -= 1
        return node

    def _operand(self) -> Node:
        if self._take("!", "not"):
            return Not(self._unary())
        if self._take("empty"):
            return Call("empty", (self._unary(),))
        if self._take("-"):
            return Binary("-", Literal(0.0), self._unary())
        return self._value()

    def _value(self) -> Node:
        kind, text = self._kind(), self._peek()
        if kind == "number":
            self._at += 1
            return Literal(float(text))
        if kind == "text":
            self._at += 1
            return Literal(_unquote(text))
        if kind == "name" and text in _CONSTANTS:
            self._at += 1
            return Literal(_CONSTANTS[text])
        if kind == "name" and text not in _RESERVED:
            return self._path()
        if self._take("("):
            node = self._choice()
            self._demand(")")
            return node
        raise self._unexpected()

    def _path(self) -> Node:
        found = [self._name()]
        while True:
            if self._take("."):
                found.append(self._name())
            elif self._peek() == "[":
                found.append(self._key())
            else:
                break
        if self._peek() == "(":
            raise JuelRefused(f"“{'.'.join(found)}()” calls a method, which only Java could do.")
        return Path(tuple(found))

    def _name(self) -> str:
        if self._kind() != "name":
            raise self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _key(self) -> str:
        self._demand("[")
        if self._kind() != "text":
            raise JuelRefused("Only a written-out key can stand in “[…]”.")
        key = _unquote(self._peek())
        self._at += 1
        self._demand("]")
        return key


def _tokens(source: str) -> list[tuple[str, str]]:
    found, position, source = [], 0, source.rstrip()
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise JuelRefused(f"“{source[position : position + 12].strip()}” is not understood.")
        position = match.end()
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
    return found


def _unquote(token: str) -> str:
    return re.sub(r"\\([\"'\\])", r"\1", token[1:-1])
