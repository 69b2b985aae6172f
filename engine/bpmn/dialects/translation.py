"""JUEL and FEEL as Starlark, where the meaning is the same for certain; anything else raises `NotTranslatable`.

JUEL turns values of one kind into another when they meet ("5" + 3, !"false"), and FEEL goes on with null. Starlark does
neither. Where that could give another result in silence, the translation checks the kind of the value and fails with
an incident that says so.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from engine import feel_syntax
from engine.bpmn.dialects import juel
from engine.bpmn.support import ALWAYS_THERE
from engine.feel_syntax import Among, Binary, Call, Choice, FeelRefused, Listing, Literal, Node, Not, Path
from engine.sandbox.functions import RESERVED

MAX_SOURCE = 2_000
MAX_RESULT = 20_000
_LARGEST = 2**53
_ARITHMETIC = frozenset("+-*/")
_TRUTHS = frozenset(
    {"empty", "list contains", "is defined", "is empty", "contains", "starts with", "ends with"}
)
_METHODS = {"contains": "{1} in {0}", "starts with": "{0}.startswith({1})", "ends with": "{0}.endswith({1})"}
_CASES = {"upper case": "upper", "lower case": "lower"}
_OF_LISTS = {
    "is empty": "(len({0}) == 0)",
    "count": "len({0})",
    "min": "min({0})",
    "max": "max({0})",
    "sum": "(sum({0}) if {0} else None)",
}
_JAVA_OBJECTS = frozenset({"execution", "task", "caseExecution", "connector", "authenticatedUserId"})
_OF_EXECUTION = {
    ("execution", "processBusinessKey"): "business_key",
    ("execution", "businessKey"): "business_key",
    ("execution", "processInstanceBusinessKey"): "business_key",
    ("execution", "processInstanceId"): "instance_id",
    ("execution", "rootProcessInstanceId"): "instance_id",
}


Tree = TypeVar("Tree")


class NotTranslatable(Exception):
    """An expression has no certain equal; the message says why."""


@dataclass(frozen=True)
class Names:
    """What names mean at one place, where that is not simply a variable.

    ``aliases``: Starlark for a name. ``answer``: a name of an object whose parts come before the variables, as the
    answer of a service task does in its output mappings.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    answer: str | None = None


PLAIN = Names()
Translate = Callable[[str, Names], str]
"""Any of the translations below."""


def from_juel(text: str, names: Names = PLAIN) -> str:
    """A text with ``${…}`` in it as a Starlark expression."""
    found = _juel(text)
    writer = _Writer(names, lenient=False)
    if len(found) == 1 and not isinstance(found[0], juel.Fixed):
        return _bounded(writer.write, found[0])
    return _bounded(writer.joined, found)


def juel_condition(text: str, names: Names = PLAIN) -> str:
    """A text that is one ``${…}`` as a Starlark condition, which is true or false and nothing else."""
    found = _juel(text)
    if len(found) != 1 or isinstance(found[0], juel.Fixed):
        raise NotTranslatable("A condition is one expression without text around it.")
    return _bounded(_Writer(names, lenient=False).truth, found[0])


def from_feel(text: str, names: Names = PLAIN) -> str:
    """FEEL, with or without its ``=``, as a Starlark expression."""
    return _bounded(_Writer(names, lenient=True).write, _feel(text))


def feel_condition(text: str, names: Names = PLAIN) -> str:
    """FEEL as a Starlark condition, which is true or false and nothing else."""
    return _bounded(_Writer(names, lenient=True).truth, _feel(text))


def _juel(text: str) -> list[juel.Fixed | Node]:
    if len(text) > MAX_SOURCE:
        raise NotTranslatable(f"It is longer than {MAX_SOURCE} characters.")
    try:
        return juel.parts(text.strip())
    except juel.JuelRefused as refused:
        raise NotTranslatable(str(refused)) from None


def _feel(text: str) -> Node:
    try:
        return feel_syntax.parse_for_process(text.strip().removeprefix("="))
    except FeelRefused as refused:
        raise NotTranslatable(str(refused)) from None
    except RecursionError:
        raise NotTranslatable("It is nested too deeply.") from None


def _bounded(write: Callable[[Tree], str], tree: Tree) -> str:
    try:
        return write(tree)
    except RecursionError:
        raise NotTranslatable("It is nested too deeply.") from None


def quoted(text: str) -> str:
    """A text as Starlark writes it."""
    return json.dumps(text, ensure_ascii=False)


def literal(text: str) -> str:
    """A text that means itself, as the value of an option that may be an expression behind ``=``."""
    return "=" + quoted(text) if text.startswith("=") else text


@dataclass(frozen=True)
class _Writer:
    """Writes a tree as Starlark. ``lenient``: a part that is missing is null, as FEEL has it."""

    names: Names
    lenient: bool

    def write(self, node: Node) -> str:
        """The node as an expression, which grows with every check on the way."""
        text = self._written(node)
        if len(text) > MAX_RESULT:
            raise NotTranslatable("It is too large to be translated.")
        return text

    def _written(self, node: Node) -> str:
        match node:
            case Literal(value):
                return _constant(value)
            case Path(parts):
                return self._path(parts)
            case Binary():
                return self._binary(node)
            case Call(function, arguments):
                return self._call(function, arguments)
            case _:
                return self._composed(node)

    def _composed(self, node: Not | Among | Choice | Listing) -> str:
        match node:
            case Not(operand):
                return f"(not {self.truth(operand)})"
            case Among(operand, options):
                return f"({self.write(operand)} in [{self._several(options)}])"
            case Choice(condition, then, otherwise):
                return f"({self.write(then)} if {self.truth(condition)} else {self.write(otherwise)})"
            case Listing(items):
                return f"[{self._several(items)}]"

    def _binary(self, node: Binary) -> str:
        operator, left, right = node.operator, node.left, node.right
        if operator in ("and", "or"):
            return f"({self.truth(left)} {operator} {self.truth(right)})"
        if operator in ("=", "!="):
            return self._equality("==" if operator == "=" else "!=", left, right)
        if operator in _ARITHMETIC:
            return self._arithmetic(operator, left, right)
        return f"({self.write(left)} {operator} {self.write(right)})"

    def truth(self, node: Node) -> str:
        """The node where true or false is wanted: what is neither fails, as it is not turned into one of them."""
        text = self.write(node)
        if _is_truth(node):
            return text
        return _guarded(text, f'type({text}) == "bool"', "is neither true nor false", node)

    def joined(self, found: Sequence[juel.Fixed | Node]) -> str:
        """Text with expressions in it; only texts and whole numbers read the same everywhere."""
        texts = []
        for part in found:
            if isinstance(part, juel.Fixed):
                texts.append(quoted(part.text))
            else:
                value = self.write(part)
                texts.append(f"str({_guarded(value, _kind(value, 'string', 'int'), 'is no text', part)})")
        return " + ".join(texts) or '""'

    def _several(self, nodes: Sequence[Node]) -> str:
        return ", ".join(self.write(node) for node in nodes)

    def _path(self, parts: tuple[str, ...]) -> str:
        if parts in _OF_EXECUTION and not self.lenient:
            return _OF_EXECUTION[parts]
        return self._root(parts[0]) + "".join(f"[{quoted(part)}]" for part in parts[1:])

    def _root(self, name: str, *, optional: bool = False) -> str:
        if name in self.names.aliases:
            return self.names.aliases[name]
        if name in ALWAYS_THERE:
            raise NotTranslatable(f"“{name}” always means something else here and cannot be a variable.")
        if name in _JAVA_OBJECTS and not self.lenient:
            raise NotTranslatable(f"“{name}” is an object of the other engine, which is not here.")
        variable = f"var({quoted(name)}, None)" if optional else f"var({quoted(name)})"
        if self.names.answer is not None:
            answer = self.names.answer
            return f"({answer}[{quoted(name)}] if {quoted(name)} in {answer} else {variable})"
        return name if _is_plain(name) and not optional else variable

    def _part_or_none(self, node: Node) -> str:
        """A path whose parts, and in FEEL whose variable, need not be there."""
        if not isinstance(node, Path) or node.parts in _OF_EXECUTION:
            return self.write(node)
        text = self._root(node.parts[0], optional=self.lenient)
        for part in node.parts[1:]:
            text = f"get({text}, {quoted(part)})"
        return text

    def _equality(self, sign: str, left: Node, right: Node) -> str:
        none = Literal(None)
        if none in (left, right):
            return f"({self._part_or_none(left)} {sign} {self._part_or_none(right)})"
        text = f"({self.write(left)} {sign} {self.write(right)})"
        if self.lenient or not _may_be_converted(left, right):
            return text
        kinds = f"type({self.write(left)}), type({self.write(right)})"
        same = f'(type({self.write(left)}) == type({self.write(right)}) or "string" not in ({kinds}))'
        return _guarded(text, same, "compares a text with something else", left)

    def _arithmetic(self, operator: str, left: Node, right: Node) -> str:
        if operator in "-/":
            return f"({self.write(left)} {operator} {self.write(right)})"
        if operator == "+" and self.lenient:
            return f"({self.write(left)} + {self.write(right)})"
        return f"({self._number(left)} {operator} {self._number(right)})"

    def _number(self, node: Node) -> str:
        text = self.write(node)
        if isinstance(node, Literal) and _is_number(node.value):
            return text
        if isinstance(node, Binary) and node.operator in _ARITHMETIC:
            return text
        return _guarded(text, _kind(text, "int", "float"), "is no number", node)

    def _call(self, function: str, arguments: tuple[Node, ...]) -> str:
        first = arguments[0]
        if function in _METHODS:
            return f"({_METHODS[function].format(*map(self._text, arguments))})"
        if function in _CASES:
            return f"{self._text(first)}.{_CASES[function]}()"
        if function == "empty":
            return f'({self._part_or_none(first)} in [None, "", [], {{}}])'
        if function == "is defined":
            return f"({self._part_or_none(first)} != None)"
        if function == "list contains":
            return f"({self.write(arguments[1])} in {self._list(first)})"
        return _OF_LISTS[function].format(self._list(first))

    def _list(self, node: Node) -> str:
        text = self.write(node)
        if isinstance(node, Listing):
            return text
        return _guarded(text, _kind(text, "list"), "is no list", node)

    def _text(self, node: Node) -> str:
        text = self.write(node)
        if isinstance(node, Literal) and isinstance(node.value, str):
            return text
        return _guarded(text, _kind(text, "string"), "is no text", node)


def _constant(value: str | float | bool | None) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return str(value)
    if abs(value) >= _LARGEST:
        raise NotTranslatable("A number is too large to be exact.")
    return str(int(value)) if value == int(value) else repr(value)


def _guarded(text: str, holds: str, complaint: str, node: Node) -> str:
    message = f"“{'.'.join(node.parts)}” {complaint}" if isinstance(node, Path) else f"A value {complaint}"
    return f"({text} if {holds} else fail({quoted(message)}))"


def _kind(text: str, *kinds: str) -> str:
    listed = ", ".join(map(quoted, kinds))
    return f"type({text}) in [{listed}]"


def _is_plain(name: str) -> bool:
    """Whether Starlark can read a variable by its bare name."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None and not (
        keyword.iskeyword(name) or name in RESERVED or name == "load"
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_truth(node: Node) -> bool:
    match node:
        case Literal(value):
            return isinstance(value, bool)
        case Not() | Among():
            return True
        case Binary(operator, _, _):
            return operator not in _ARITHMETIC
        case Call(function, _):
            return function in _TRUTHS
        case Choice(_, then, otherwise):
            return _is_truth(then) and _is_truth(otherwise)
        case _:
            return False


def _may_be_converted(left: Node, right: Node) -> bool:
    """Whether JUEL could turn a text into a number or a truth value to compare it (§1.8.2)."""
    for node in (left, right):
        if isinstance(node, Literal) and isinstance(node.value, str):
            return (
                re.fullmatch(r"\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?\s*|true|false|", node.value, re.I) is not None
            )
    return True
