"""What a Starlark source reads, leaves behind and calls, found without running it.

Starlark's grammar is a subset of Python's, so Python's own parser reads it; whatever only Python knows was
refused by Starlark's parser before. Runs inside a worker, since the text is untrusted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.sandbox.functions import RESERVED

_FUNCTION_AS_VALUE = 'line {line}: `{name}` is a function; a variable of that name is read with var("{name}")'
_FUNCTION_ASSIGNED = "line {line}: `{name}` is the name of a function; give the variable another name"


@dataclass(frozen=True)
class Names:
    """``free``: read before the source itself gives them a value. ``assigned``: what a script leaves behind.

    ``functions``: functions of the language that are used. ``problems``: misuse of such a function's name.
    """

    free: tuple[str, ...] = ()
    assigned: tuple[str, ...] = ()
    functions: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()


def analyse(source: str) -> Names:
    """The names of a source that Starlark's parser has accepted. Raises SyntaxError or RecursionError."""
    flow = _Flow()
    flow.block(ast.parse(source).body)
    flow.finish()
    return Names(tuple(flow.free), tuple(flow.assigned), frozenset(flow.functions), tuple(flow.problems))


@dataclass
class _Flow:
    """Walks the statements in order. ``known`` holds the names that certainly have a value by now."""

    known: set[str] = field(default_factory=set)
    free: dict[str, None] = field(default_factory=dict)
    assigned: dict[str, None] = field(default_factory=dict)
    everywhere: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    definitions: list[ast.FunctionDef] = field(default_factory=list)

    def block(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.If():
                self._branch(node)
            case ast.For():
                self._loop(node)
            case ast.FunctionDef():
                self._define(node)
            case ast.AugAssign(target=target, value=value):
                self._read(value)
                self._read(target)
                self._bind([target])
            case ast.Assign(targets=targets, value=value):
                self._read(value)
                self._bind(targets)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._read(value)
                self._bind([target])
            case _:
                self._read(node)

    def finish(self) -> None:
        """Read the bodies of functions: they run later, when every name of the module may have a value."""
        for definition in self.definitions:
            self._read_function(definition.args, definition.body, self.everywhere)

    def _branch(self, node: ast.If) -> None:
        self._read(node.test)
        before = set(self.known)
        self.block(node.body)
        after_body, self.known = self.known, before
        self.block(node.orelse)
        self.known &= after_body

    def _loop(self, node: ast.For) -> None:
        self._read(node.iter)
        before = set(self.known)
        self._bind([node.target], kept=False)
        self.block(node.body)
        self.known = before

    def _define(self, node: ast.FunctionDef) -> None:
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self._read(default)
        self._bind([ast.Name(node.name, ast.Store(), lineno=node.lineno)], kept=False)
        self.definitions.append(node)

    def _bind(self, targets: Iterable[ast.expr], kept: bool = True) -> None:
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    self._assign(node, kept)
                elif isinstance(node, ast.Subscript | ast.Attribute):
                    self._read(node)

    def _assign(self, node: ast.Name, kept: bool) -> None:
        if node.id in RESERVED:
            self.problems.append(_FUNCTION_ASSIGNED.format(line=node.lineno, name=node.id))
        self.known.add(node.id)
        self.everywhere.add(node.id)
        if kept and not node.id.startswith("_"):
            self.assigned[node.id] = None

    def _read(self, node: ast.AST, local: frozenset[str] = frozenset()) -> None:
        match node:
            case ast.Name():
                self._read_name(node, local)
            case ast.Call():
                self._read_call(node, local)
            case ast.ListComp() | ast.DictComp():
                self._read_comprehension(node, local)
            case ast.Lambda(args=arguments, body=body):
                self._read_function(arguments, [body], local)
            case _:
                for child in ast.iter_child_nodes(node):
                    self._read(child, local)

    def _read_name(self, node: ast.Name, local: frozenset[str]) -> None:
        if node.id in local or node.id in self.known:
            return
        if node.id in RESERVED:
            self.problems.append(_FUNCTION_AS_VALUE.format(line=node.lineno, name=node.id))
        else:
            self.free[node.id] = None

    def _read_call(self, node: ast.Call, local: frozenset[str]) -> None:
        """A function may be called or handed on (``sorted(goals, key=len)``), and nothing else."""
        for part in (node.func, *node.args, *(keyword.value for keyword in node.keywords)):
            if isinstance(part, ast.Name) and part.id in RESERVED and part.id not in local:
                self.functions.add(part.id)
            else:
                self._read(part, local)

    def _read_comprehension(self, node: ast.ListComp | ast.DictComp, local: frozenset[str]) -> None:
        for generator in node.generators:
            self._read(generator.iter, local)
            local |= _stored(generator.target)
            for condition in generator.ifs:
                self._read(condition, local)
        results = [node.elt] if isinstance(node, ast.ListComp) else [node.key, node.value]
        for result in results:
            self._read(result, local)

    def _read_function(self, arguments: ast.arguments, body: Sequence[ast.AST], known: Iterable[str]) -> None:
        local = frozenset(known) | {argument.arg for argument in _arguments(arguments)}
        for node in body:
            local |= _stored(node)
        for node in body:
            self._read(node, local)


def _arguments(arguments: ast.arguments) -> list[ast.arg]:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return named + [extra for extra in (arguments.vararg, arguments.kwarg) if extra]


def _stored(node: ast.AST) -> frozenset[str]:
    stored = (child for child in ast.walk(node) if isinstance(child, ast.Name | ast.FunctionDef))
    return frozenset(
        child.name if isinstance(child, ast.FunctionDef) else child.id
        for child in stored
        if isinstance(child, ast.FunctionDef) or isinstance(child.ctx, ast.Store)
    )
