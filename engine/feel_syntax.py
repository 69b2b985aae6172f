"""FEEL (DMN 1.5 chapter 10) as far as it is understood: text to a tree of frozen nodes.

`parse` reads the small part that forms may use. What is not in ``docs/reference/forms.md`` is refused there, so that
the browser and the server never read one condition in two ways. `parse_for_process` knows more: it reads what is
translated once, when a process model is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

MAX_SOURCE = 2000
MAX_DEPTH = 40
MAX_OPERATORS = 200
"""A chain of operators is a tree as deep as it is long, and it is gone through by recursion."""
FUNCTIONS = {"list contains": 2, "count": 1, "sum": 1, "min": 1, "max": 1}
PROCESS_FUNCTIONS = FUNCTIONS | {
    "is defined": 1,
    "is empty": 1,
    "contains": 2,
    "starts with": 2,
    "ends with": 2,
    "upper case": 1,
    "lower case": 1,
}
"""What `parse_for_process` knows beyond forms, with the number of arguments."""

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>"(?:[^"\\]|\\["\\nrt]|\\u[0-9a-fA-F]{4})*")
    |(?P<function>list\s+contains\b|(?:is\s+defined|is\s+empty|starts\s+with|ends\s+with|upper\s+case|lower\s+case
        |contains|count|sum|min|max|not)(?=\s*\())
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign><=|>=|!=|\.\.|[=<>()\[\]+\-*/.,])""",
    re.VERBOSE,
)
_RESERVED = {
    "and",
    "or",
    "in",
    "if",
    "then",
    "else",
    "true",
    "false",
    "null",
    "between",
    "for",
    "some",
    "every",
}
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class FeelRefused(Exception):
    """The source is not in the supported part of FEEL; the message says why."""


@dataclass(frozen=True)
class Literal:
    """A constant: text, number, true, false or null."""

    value: str | float | bool | None


@dataclass(frozen=True)
class Path:
    """A name and the keys below it: ``plan.status`` is ``("plan", "status")``."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Not:
    """``not(x)``."""

    operand: Node


@dataclass(frozen=True)
class Binary:
    """Two operands and ``and``, ``or``, a comparison or an arithmetic sign."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Among:
    """``x in ("a", "b")``."""

    operand: Node
    options: tuple[Node, ...]


@dataclass(frozen=True)
class Choice:
    """``if a then b else c``."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True)
class Call:
    """A call of one of `FUNCTIONS` or `PROCESS_FUNCTIONS`."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Listing:
    """``[a, b]``; forms have none."""

    items: tuple[Node, ...]


Node = Literal | Path | Not | Binary | Among | Choice | Call | Listing


def parse(source: str) -> Node:
    """Read an expression that starts with ``=``, as form-js writes it. Raises `FeelRefused`."""
    if not source.startswith("="):
        raise FeelRefused("An expression starts with “=”.")
    if len(source) > MAX_SOURCE:
        raise FeelRefused(f"An expression is longer than {MAX_SOURCE} characters.")
    return _Parser(_tokens(source[1:])).whole()


def parse_for_process(source: str) -> Node:
    """Read the expression of a process, without its ``=``. Raises `FeelRefused`."""
    if len(source) > MAX_SOURCE:
        raise FeelRefused(f"An expression is longer than {MAX_SOURCE} characters.")
    return _ProcessParser(_tokens(source)).whole()


def names(node: Node) -> frozenset[str]:
    """The first parts of all paths in ``node``: what it reads from its surroundings."""
    return frozenset(path.parts[0] for path in paths(node))


def paths(node: Node) -> list[Path]:
    """All paths in ``node``."""
    if isinstance(node, Path):
        return [node]
    return [path for child in _children(node) for path in paths(child)]


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Not(operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Among(operand, options):
            return (operand, *options)
        case Choice(condition, then, otherwise):
            return (condition, then, otherwise)
        case Call(_, arguments):
            return arguments
        case Listing(items):
            return items
        case _:
            return ()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(source: str) -> list[_Token]:
    found, position = [], 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise FeelRefused(f"“{source[position : position + 12]}” is not understood.")
        position = match.end()
        if match.lastgroup != "space":
            found.append(_Token(str(match.lastgroup), " ".join(match.group().split()) or match.group()))
            if match.lastgroup == "text":
                found[-1] = _Token("text", match.group())
    return [*found, _Token("end", "")]


class _Parser:
    """Recursive descent, one method for each level of precedence, lowest first."""

    functions: ClassVar[dict[str, int]] = FUNCTIONS

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._operators = 0

    def whole(self) -> Node:
        node = self._expression()
        if self._next.kind != "end":
            raise self._unexpected()
        return node

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self, *texts: str) -> str | None:
        token = self._next
        if token.kind in ("sign", "name") and token.text in texts:
            self._at += 1
            return token.text
        return None

    def _demand(self, text: str) -> None:
        if self._take(text) is None:
            raise self._unexpected()

    def _unexpected(self) -> FeelRefused:
        if self._next.kind == "end":
            return FeelRefused("The expression ends too early.")
        return FeelRefused(f"“{self._next.text}” is not expected here, or is not supported.")

    def _expression(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FeelRefused("The expression is nested too deeply.")
        node = self._choice() if self._take("if") else self._either()
        self._depth -= 1
        return node

    def _choice(self) -> Node:
        condition = self._expression()
        self._demand("then")
        then = self._expression()
        self._demand("else")
        return Choice(condition, then, self._expression())

    def _either(self) -> Node:
        node = self._both()
        while self._take("or"):
            node = self._joined("or", node, self._both())
        return node

    def _both(self) -> Node:
        node = self._comparison()
        while self._take("and"):
            node = self._joined("and", node, self._comparison())
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        if sign := self._take(*_COMPARISONS):
            return Binary(sign, node, self._sum())
        if self._take("in"):
            return self._among(node)
        return node

    def _among(self, node: Node) -> Node:
        self._demand("(")
        return Among(node, self._list())

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._take("+", "-"):
            node = self._joined(sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._value()
        while sign := self._take("*", "/"):
            node = self._joined(sign, node, self._value())
        return node

    def _joined(self, operator: str, left: Node, right: Node) -> Binary:
        self._count_operator()
        return Binary(operator, left, right)

    def _count_operator(self) -> None:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise FeelRefused(f"The expression has more than {MAX_OPERATORS} operators.")

    def _list(self, end: str = ")") -> tuple[Node, ...]:
        """The rest of ``(a, b)`` after its opening bracket."""
        items = [self._expression()]
        while self._take(","):
            items.append(self._expression())
        self._demand(end)
        return tuple(items)

    def _value(self) -> Node:
        token = self._next
        if token.kind == "number":
            self._at += 1
            return Literal(float(token.text))
        if token.kind == "text":
            self._at += 1
            return Literal(_unquote(token.text))
        if token.kind == "function":
            return self._call()
        if token.kind == "name":
            return self._name()
        if self._take("-"):
            return self._negative()
        if self._take("("):
            node = self._expression()
            self._demand(")")
            return node
        raise self._unexpected()

    def _negative(self) -> Node:
        if self._next.kind != "number":
            raise FeelRefused("“-” may stand before a number or between two values only.")
        number = self._next.text
        self._at += 1
        return Literal(-float(number))

    def _name(self) -> Node:
        if self._next.text in _CONSTANTS:
            constant = _CONSTANTS[self._next.text]
            self._at += 1
            return Literal(constant)
        parts = [self._identifier()]
        while self._take("."):
            parts.append(self._identifier())
        return Path(tuple(parts))

    def _identifier(self) -> str:
        token = self._next
        if token.kind not in ("name", "function") or token.text in _RESERVED:
            raise self._unexpected()
        self._at += 1
        return token.text

    def _call(self) -> Node:
        function = self._next.text
        if function != "not" and function not in self.functions:
            raise self._unexpected()
        self._at += 1
        self._demand("(")
        arguments = self._list()
        wanted = self.functions.get(function, 1)
        if len(arguments) != wanted:
            raise FeelRefused(f"{function} takes {wanted} value(s).")
        return Not(arguments[0]) if function == "not" else Call(function, arguments)


class _ProcessParser(_Parser):
    """Lists, ``in`` a list or an interval, ``between``, and more functions."""

    functions: ClassVar[dict[str, int]] = PROCESS_FUNCTIONS

    def _value(self) -> Node:
        if self._take("["):
            return Listing(() if self._take("]") else self._list("]"))
        return super()._value()

    def _negative(self) -> Node:
        if self._next.kind == "number":
            return super()._negative()
        self._count_operator()
        return Binary("-", Literal(0.0), self._value())

    def _comparison(self) -> Node:
        node = super()._comparison()
        if not self._take("between"):
            return node
        low = self._sum()
        self._demand("and")
        return Binary("and", Binary(">=", node, low), Binary("<=", node, self._sum()))

    def _among(self, node: Node) -> Node:
        """``in`` a list, an interval, or the list that a variable holds (DMN 1.5 §10.3.2.7)."""
        opening = self._take("[", "(")
        if opening is None:
            return Call("list contains", (self._sum(), node))
        if opening == "[" and self._take("]"):
            return Among(node, ())
        first = self._expression()
        if self._take(".."):
            return self._interval(node, first, with_low=opening == "[")
        items = [first]
        while self._take(","):
            items.append(self._expression())
        self._demand("]" if opening == "[" else ")")
        return Among(node, tuple(items))

    def _interval(self, node: Node, low: Node, *, with_low: bool) -> Node:
        high = self._expression()
        closing = self._take("]", ")")
        if closing is None:
            raise self._unexpected()
        return Binary(
            "and",
            Binary(">=" if with_low else ">", node, low),
            Binary("<=" if closing == "]" else "<", node, high),
        )


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _unquote(token: str) -> str:
    def replace(match: re.Match[str]) -> str:
        escape = match.group(1)
        return chr(int(escape[1:], 16)) if escape[0] == "u" else _ESCAPES[escape]

    return re.sub(r'\\(u[0-9a-fA-F]{4}|["\\nrt])', replace, token[1:-1])
