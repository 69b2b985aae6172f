"""FEEL from text to tree. What is not executed is refused with the place; nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from engine.decisions.feel.functions import FUNCTIONS
from engine.decisions.feel.nodes import (
    ANYWHERE,
    Among,
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Consult,
    Items,
    Literal,
    Logic,
    Negative,
    Node,
    Part,
    Reference,
    Tested,
    walk,
)
from engine.decisions.feel.tokens import (
    END,
    MOST_WORDS,
    NotDate,
    NotFeel,
    Token,
    Vocabulary,
    longest_name,
    tokens,
    unquote,
)
from engine.decisions.feel.unary import (
    ANYTHING,
    Between,
    Compares,
    Condition,
    Equals,
    Not,
    OneOf,
    PositiveTest,
    UnaryTests,
)
from engine.decisions.values import NoValue, as_number, compare

MAX_DEPTH = 30
MAX_EXPRESSIONS = 5_000
MAX_OPERATORS = 100
"""An expression with more of them would be deeper than it can be evaluated."""

_ORDERS = ("<", "<=", ">", ">=")
_CONSTANTS = {"true": True, "false": False, "null": None}
_PYTHONS = {"True": "true", "False": "false", "None": "null"}
_WORDS = frozenset(
    {"and", "or", "if", "then", "else", "between", "in", "for", "return", "some", "every", "satisfies"}
    | {"instance", "of", "function", "external", *_CONSTANTS}
)
_MOMENTS = frozenset({"date", "date and time", "time", "duration"})
_CLOCK = {"today": "date", "now": "date and time"}
_NOTHING = Vocabulary()

Item = TypeVar("Item")


def parse_unary_tests(text: str, vocabulary: Vocabulary = _NOTHING) -> UnaryTests:
    """A cell of an input column, or the list of values an input or output allows. Raises NotFeel."""
    parser = _Parser(text, vocabulary)
    if parser.at_end():
        return ANYTHING
    tests = parser.unary_tests()
    parser.finish()
    return tests


def parse_expression(text: str, vocabulary: Vocabulary = _NOTHING, *, certain: bool = True) -> Node:
    """An expression. Raises NotFeel; NotDate for what is clearly meant as a date and is none.

    ``certain``: the text is said to be FEEL. Otherwise it may be Starlark, and what means something else there
    (``"a" in names``) is not read as FEEL.
    """
    parser = _Parser(text, vocabulary, certain)
    node = parser.expression()
    parser.finish()
    return node


class _Parser:
    """Recursive descent, one method for each level of precedence, lowest first (DMN 1.3 §10.3.1.2)."""

    def __init__(self, text: str, vocabulary: Vocabulary, certain: bool = True) -> None:
        self._tokens = tokens(text)
        self._vocabulary = vocabulary
        self._certain = certain
        self._functions = {**FUNCTIONS, **_CLOCK, **vocabulary.functions}
        self._next = 0
        self._depth = 0
        self._operators = 0
        self._expressions = 0

    def at_end(self) -> bool:
        return self._next == len(self._tokens)

    def finish(self) -> None:
        if not self.at_end():
            raise self._unexpected()

    def unary_tests(self) -> UnaryTests:
        if self._tokens == [Token("sign", "-")]:
            self._next = 1
            return ANYTHING
        if self._peek() == Token("name", "not") and self._peek(1) == Token("sign", "("):
            begin, self._next = self._next, self._next + 2
            tests = OneOf(self._list(self._positive_test))
            self._expect(")")
            if self.at_end():
                return Not(tests)
            self._next = begin  # not(…) is a function here: not(contains(?, "a")) or …
        return OneOf(self._list(self._positive_test))

    def expression(self) -> Node:
        self._depth += 1
        self._expressions += 1  # brackets are read twice when they turn out to be no interval
        if self._depth > MAX_DEPTH or self._expressions > MAX_EXPRESSIONS:
            raise NotFeel("it is nested too deep")
        node = self._choice() if self._accept_word("if") else self._either()
        self._depth -= 1
        return node

    def _list(self, read: Callable[[], Item]) -> tuple[Item, ...]:
        items = [read()]
        while self._accept(","):
            items.append(read())
        return tuple(items)

    def _positive_test(self) -> PositiveTest:
        sign = self._peek().text if self._peek().kind == "sign" else ""
        if sign in _ORDERS:
            self._next += 1
            return Compares(sign, self._sum())
        interval = self._interval_if_any(sign) if sign in ("[", "(", "]") else None
        if interval is not None:
            return interval
        node = self.expression()
        if any(isinstance(each, Tested) for each in walk(node)):
            return Condition(node)
        if isinstance(node, Comparison | Logic | Among):
            raise NotFeel("a comparison in a cell needs “?”, which stands for the input")
        return Equals(node)

    def _interval_if_any(self, sign: str) -> Between | None:
        """An interval, or None (and nothing read) when it is a list or brackets."""
        begin, depth = self._next, self._depth
        self._next += 1
        try:
            low = self._sum()
            self._expect("..")
        except NotFeel:
            if sign == "]":
                raise
            self._next, self._depth = begin, depth
            return None
        return self._interval(low, with_low=sign == "[")

    def _interval(self, low: Node, with_low: bool) -> Between:
        high = self._sum()
        end = self._take()
        if end.kind != "sign" or end.text not in ("]", ")", "["):
            raise self._unexpected(back=1)
        if isinstance(low, Literal) and isinstance(high, Literal) and _order(low, high) > 0:
            raise NotFeel("the interval ends before it starts")
        return Between(low, high, with_low, end.text == "]")

    def _choice(self) -> Node:
        condition = self.expression()
        self._expect_word("then")
        then = self.expression()
        self._expect_word("else")
        return Choice(condition, then, self.expression())

    def _either(self) -> Node:
        node = self._both()
        while self._accept_word("or"):
            node = Logic(True, node, self._counted(self._both))
        return node

    def _both(self) -> Node:
        node = self._comparison()
        while self._accept_word("and"):
            node = Logic(False, node, self._counted(self._comparison))
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        if sign := self._accept("=", "!=", *_ORDERS):
            return Comparison(sign, node, self._counted(self._sum))
        if self._accept_word("between"):
            low = self._sum()
            self._expect_word("and")
            return Among(node, (Between(low, self._sum(), True, True),))
        if self._accept_word("in"):
            return Among(node, self._among())
        return node

    def _among(self) -> tuple[PositiveTest, ...]:
        sign = self._peek().text if self._peek().kind == "sign" else ""
        if sign == "(":
            interval = self._interval_if_any(sign)
            if interval is not None:
                return (interval,)
            self._next += 1
            tests = self._list(self._positive_test)
            self._expect(")")
            return tests
        if not self._certain and sign not in ("[", "]", *_ORDERS):
            raise NotFeel("“in” before a name may be Starlark")
        return (self._positive_test(),)

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._accept("+", "-"):
            node = Arithmetic(sign, node, self._counted(self._product))
        return node

    def _product(self) -> Node:
        node = self._power()
        while sign := self._accept("*", "/"):
            node = Arithmetic(sign, node, self._counted(self._power))
        return node

    def _power(self) -> Node:
        node = self._signed()
        while self._accept("**"):
            node = Arithmetic("**", node, self._counted(self._signed))
        return node

    def _signed(self) -> Node:
        if not self._accept("-"):
            return self._with_parts()
        node = self._counted(self._signed)
        if isinstance(node, Literal):
            return Literal(_constant(Negative(node)))
        return Negative(node)

    def _with_parts(self) -> Node:
        node = self._primary()
        while not isinstance(node, Reference) and self._peek() == Token("sign", "."):
            self._next += 1
            node = Part(node, self._counted(self._name_after_point))
        return node

    def _primary(self) -> Node:
        token = self._take()
        match token.kind:
            case "string":
                return Literal(unquote(token.text))
            case "number":
                return Literal(_number(token.text))
            case "quoted":
                return self._path(token.text)
            case "name":
                self._next -= 1
                return self._named(token)
        match token.text if token.kind == "sign" else "":
            case "@":
                return self._at_literal()
            case "?":
                return Tested()
            case "(":
                node = self.expression()
                self._expect(")")
                return node
            case "[":
                return self._items()
        raise self._unexpected(back=1)

    def _items(self) -> Node:
        if self._accept("]"):
            return Items(())
        items = self._list(self.expression)
        self._expect("]")
        return Items(items)

    def _at_literal(self) -> Node:
        token = self._take()
        if token.kind != "string":
            raise self._unexpected(back=1)
        text = unquote(token.text)
        if text.lstrip("-").startswith("P"):
            return _moment("duration", text)
        return _moment("date and time" if "T" in text else "time" if ":" in text else "date", text)

    def _named(self, token: Token) -> Node:
        ahead = self._tokens[self._next : self._next + MOST_WORDS]
        function = longest_name(ahead, self._functions)
        if function and self._peek(function[1]) == Token("sign", "("):
            self._next += function[1]
            return self._call(function[0])
        known = longest_name(ahead, self._vocabulary.names)
        if known:
            self._next += known[1]
            return self._path(known[0])
        self._next += 1
        if token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text])
        if token.text in _PYTHONS:
            raise NotFeel(f"“{token.text}” is written {_PYTHONS[token.text]} here")
        if token.text in _WORDS:
            raise self._unexpected(back=1)
        return self._path(token.text)

    def _path(self, first: str) -> Node:
        path = [first]
        while self._peek() == Token("sign", "."):
            self._next += 1
            path.append(self._name_after_point())
        return Reference(tuple(path))

    def _name_after_point(self) -> str:
        token = self._take()
        if token.kind not in ("name", "quoted"):
            raise self._unexpected(back=1)
        return token.text

    def _call(self, name: str) -> Node:
        self._expect("(")
        arguments = () if self._peek() == Token("sign", ")") else self._list(self.expression)
        self._expect(")")
        if name in self._vocabulary.functions:
            self._check_count(name, len(arguments), *[len(self._vocabulary.functions[name])] * 2)
            return Consult(name, arguments)
        if name in _CLOCK:
            self._check_count(name, len(arguments), 0, 0)
            return Call(_CLOCK[name], (Reference((name,)),))
        self._check_count(name, len(arguments), FUNCTIONS[name].least, FUNCTIONS[name].most)
        call = Call(name, arguments)
        if name in _MOMENTS and all(isinstance(argument, Literal) for argument in arguments):
            return Literal(_constant(call))
        return call

    def _check_count(self, name: str, count: int, least: int, most: int) -> None:
        if not least <= count <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            raise NotFeel(f"“{name}” takes {wanted} values, not {count}")

    def _counted(self, read: Callable[[], Item]) -> Item:
        self._operators += 1
        if self._operators > MAX_OPERATORS:
            raise NotFeel(f"it has more than {MAX_OPERATORS} operators")
        return read()

    def _peek(self, ahead: int = 0) -> Token:
        position = self._next + ahead
        return self._tokens[position] if 0 <= position < len(self._tokens) else END

    def _take(self) -> Token:
        token = self._peek()
        self._next += 1
        return token

    def _accept(self, *signs: str) -> str | None:
        token = self._peek()
        if token.kind == "sign" and token.text in signs:
            self._next += 1
            return token.text
        return None

    def _accept_word(self, word: str) -> bool:
        accepted = self._peek() == Token("name", word)
        self._next += accepted
        return accepted

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            raise self._unexpected(wanted=sign)

    def _expect_word(self, word: str) -> None:
        if not self._accept_word(word):
            raise self._unexpected(wanted=word)

    def _unexpected(self, back: int = 0, wanted: str = "") -> NotFeel:
        token = self._peek(-back)
        found = f"“{token.text}”" if token.text else "the end"
        return NotFeel(f"{found} is unexpected" + (f", “{wanted}” is missing" if wanted else ""))


def _constant(node: Node) -> object:
    """The value of a node that holds no names. Raises NotDate when it has none."""
    try:
        return node.value(ANYWHERE)
    except NoValue as error:
        raise NotDate(str(error)) from None


def _moment(function: str, text: str) -> Literal:
    return Literal(_constant(Call(function, (Literal(text),))))


def _number(text: str) -> object:
    try:
        return as_number(text)
    except NoValue as error:
        raise NotFeel(str(error)) from None


def _order(low: Literal, high: Literal) -> int:
    return compare(low.constant, high.constant) or 0
