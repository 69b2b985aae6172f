"""Reads a ``.form`` file into components, and refuses what the server could not check.

Every reason is collected, so that a designer sees all of them at once.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from typing import Any

from engine.errors import NotDeployable, Problem
from engine.feel_syntax import FeelRefused, Node, Path, parse, paths
from engine.forms import properties
from engine.forms.component import Component, DataPath
from engine.forms.meaning import contradictions

MAX_BYTES = 1_000_000
MAX_COMPONENTS = 500
MAX_DEPTH = 10

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
_TAKEN = frozenset({"this", "parent", "i", "_this_", "_parent_", "_i_"})
_REFUSED_BY_BROWSERS = frozenset({"__proto__", "constructor", "prototype"})  # form-js shows no form with them
_ALWAYS_THERE = frozenset({"starter", "instance_id", "business_key", "now", "today"})


def read_form(resource: str, content: bytes) -> tuple[dict[str, Any], tuple[Component, ...]]:
    """The form's JSON and its components. Raises `NotDeployable` with every problem found."""
    form = _parse(resource, content)
    reader = _Reader(resource)
    components = reader.read(form)
    if reader.problems:
        raise NotDeployable(reader.problems)
    return form, components


def _parse(resource: str, content: bytes) -> dict[str, Any]:
    if len(content) > MAX_BYTES:
        raise _refused(resource, "The form is larger than 1 MB.")
    try:
        form = json.loads(
            content.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_no_duplicates
        )
        json.dumps(form, ensure_ascii=False).encode("utf-8")  # half a surrogate pair cannot be stored
    except RecursionError:
        raise _refused(resource, "The form is nested too deeply.") from None
    except ValueError as error:
        raise _refused(resource, f"The form is not valid JSON: {error}") from None
    if not isinstance(form, dict):
        raise _refused(resource, "A form is a JSON object.")
    return form


def _refused(resource: str, reason: str) -> NotDeployable:
    return NotDeployable([Problem(resource, None, "", reason, "form.json")])


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key “{key[:100]}” is there twice")
        found[key] = value
    return found


class _Claims:
    """The data paths that are taken inside one row (or the whole form)."""

    def __init__(self) -> None:
        self._taken: dict[DataPath, bool] = {}

    def claim(self, path: DataPath, *, closed: bool) -> bool:
        """Take ``path``; False when a field is there, above it, or (for a field) below it."""
        above = [path[:length] for length in range(1, len(path) + 1)]
        if any(self._taken.get(part) for part in above) or (closed and path in self._taken):
            return False
        for part in above:
            self._taken.setdefault(part, False)
        self._taken[path] = closed
        return True


class _Reader:
    def __init__(self, resource: str) -> None:
        self.problems: list[Problem] = []
        self._resource = resource
        self._ids: set[str] = set()
        self._count = 0

    def read(self, form: Mapping[str, Any]) -> tuple[Component, ...]:
        if form.get("type") != "default":
            self._problem(None, "", "The form's type must be “default”.", "form.type")
        self._check_table("form", "", form, properties.FORM_PROPERTIES)
        return self._components(form.get("components"), None, (), _Claims(), 1, listed=frozenset())

    def _problem(self, element: str | None, label: str, reason: str, rule: str) -> None:
        self.problems.append(Problem(self._resource, element, label, reason, rule))

    def _check_table(
        self, element: str, label: str, values: Mapping[str, Any], table: Mapping[str, properties.Check]
    ) -> bool:
        before = len(self.problems)
        for key, value in values.items():
            if key not in table:
                reason = f"The property “{key[:100]}” is not supported here."
                self._problem(element, label, reason, "form.property")
            elif problem := table[key](value):
                self._problem(element, label, f"“{key}” {problem}.", "form.property")
        return len(self.problems) == before

    def _components(
        self, raw: Any, parent: str | None, prefix: DataPath, claims: _Claims, depth: int,
        *, listed: frozenset[str],
    ) -> tuple[Component, ...]:  # fmt: skip
        if not isinstance(raw, list):
            self._problem(parent, "", "“components” must be a list.", "form.components")
            return ()
        if depth > MAX_DEPTH:
            self._problem(parent, "", f"The form is nested deeper than {MAX_DEPTH} levels.", "form.limits")
            return ()
        found = []
        for item in raw:
            self._count += 1
            if self._count == MAX_COMPONENTS + 1:
                self._problem(None, "", f"The form has more than {MAX_COMPONENTS} components.", "form.limits")
            if self._count > MAX_COMPONENTS:
                break
            component = self._component(item, parent, prefix, claims, depth, listed)
            found.extend([component] if component else [])
        return tuple(found)

    def _component(
        self,
        raw: Any,
        parent: str | None,
        prefix: DataPath,
        claims: _Claims,
        depth: int,
        listed: frozenset[str],
    ) -> Component | None:
        if not isinstance(raw, dict):
            self._problem(parent, "", "A component must be a JSON object.", "form.components")
            return None
        name, label, kind = _name_of(raw), _label_of(raw), raw.get("type")
        table = properties.TYPES.get(kind) if isinstance(kind, str) else None
        if table is None:
            known = properties.REFUSED_TYPES.get(str(kind))
            reason = known or f"Components of type “{str(kind)[:100]}” are not supported."
            self._problem(name, label, reason, "form.component")
            return None
        if not self._check_table(name, label, raw, table):
            return None
        self._check_id(raw, name, label)
        path = self._path(raw, name, label, prefix)
        if path is not None:
            self._claim(raw, path, prefix, claims, name, label)
        return self._built(raw, name, label, path or (), prefix, claims, depth, listed)

    def _check_id(self, raw: Mapping[str, Any], name: str, label: str) -> None:
        if "id" not in raw:
            return
        identity = raw["id"]
        if not _ID.fullmatch(identity):
            self._problem(name, label, "The id must be letters, digits, “_” and “-”.", "form.id")
        if identity in self._ids:
            self._problem(name, label, "The id is used twice in this form.", "form.id")
        self._ids.add(identity)

    def _path(self, raw: Mapping[str, Any], name: str, label: str, prefix: DataPath) -> DataPath | None:
        """The component's own part of the data path; None where it has none or a wrong one."""
        kind = raw["type"]
        if kind not in properties.KEYED and kind not in properties.CONTAINERS:
            return None
        text = raw.get("key" if kind in properties.KEYED else "path")
        if not text and kind == "group":
            return ()
        if not text:
            which = "list needs a “path”" if kind == "dynamiclist" else "field needs a “key”"
            self._problem(name, label, f"A {which}.", "form.key")
            return None
        parts = tuple(text.split("."))
        problem = _key_problem(parts, first=not prefix)
        if problem:
            self._problem(name, label, problem, "form.key")
        return None if problem else parts

    def _claim(
        self, raw: Mapping[str, Any], path: DataPath, prefix: DataPath, claims: _Claims, name: str, label: str
    ) -> None:
        if path and not claims.claim((*prefix, *path), closed=raw["type"] != "group"):
            reason = f"The key “{'.'.join(path)}” is used twice, or lies inside another field's key."
            self._problem(name, label, reason, "form.key")

    def _built(
        self, raw: dict[str, Any], name: str, label: str, path: DataPath, prefix: DataPath, claims: _Claims,
        depth: int, listed: frozenset[str],
    ) -> Component:  # fmt: skip
        children: tuple[Component, ...] = ()
        if raw["type"] in properties.CONTAINERS:
            below = self._inside(raw, prefix, path, claims, listed)
            children = self._components(
                raw.get("components", []), name, *below[:2], depth + 1, listed=below[2]
            )
        hide = self._expression(raw.get("conditional", {}).get("hide"), name, label, listed)
        computed = self._expression(raw.get("expression") or raw.get("dataSource"), name, label, listed)
        component = Component(raw["type"], name, path, raw, children, hide, computed)
        self._check_meaning(component, label)
        return component

    def _inside(
        self,
        raw: Mapping[str, Any],
        prefix: DataPath,
        path: DataPath,
        claims: _Claims,
        listed: frozenset[str],
    ) -> tuple[DataPath, _Claims, frozenset[str]]:
        """Where the children of a container put their data: below a group, or in a row of their own."""
        if raw["type"] == "group":
            return (*prefix, *path), claims, listed
        return ("row",), _Claims(), frozenset(_keys_below(raw.get("components")))

    def _expression(self, source: Any, name: str, label: str, listed: frozenset[str]) -> Node | None:
        if source is None or source == "":
            return None
        try:
            node = parse(source)
        except FeelRefused as error:
            self._problem(name, label, f"The expression “{source[:200]}”: {error}", "form.expression")
            return None
        for path in paths(node):
            self._check_name(path, name, label, listed)
        return node

    def _check_name(self, path: Path, name: str, label: str, listed: frozenset[str]) -> None:
        first = path.parts[0]
        if first in listed:
            reason = f"“{first}” is a column of this list: write this.{first}."
            self._problem(name, label, reason, "form.expression")
        if first in ("i", "_i_"):
            self._problem(name, label, "The number of the row (i) is not supported.", "form.expression")

    def _check_meaning(self, component: Component, label: str) -> None:
        for reason in contradictions(component):
            self._problem(component.name, label, reason, "form.meaning")


def _name_of(raw: Mapping[str, Any]) -> str:
    for key in ("id", "key", "path", "type"):
        if isinstance(raw.get(key), str) and raw[key]:
            return str(raw[key])[:100]
    return "?"


def _label_of(raw: Mapping[str, Any]) -> str:
    label = raw.get("label") or raw.get("dateLabel") or raw.get("timeLabel")
    return label[:200] if isinstance(label, str) else ""


def _key_problem(parts: DataPath, *, first: bool) -> str | None:
    for part in parts:
        if not _NAME.fullmatch(part):
            return f"“{part[:100]}” is no name: a letter or “_”, then letters, digits and “_”."
        if keyword.iskeyword(part) or part in _TAKEN | _REFUSED_BY_BROWSERS:
            return f"“{part}” has a meaning of its own and cannot be a key."
    if first and parts[0] in _ALWAYS_THERE:
        return f"“{parts[0]}” is always there in expressions and cannot be a key."
    return None


def _keys_below(raw: Any, depth: int = 0) -> list[str]:
    """The first parts of the keys of a list's rows, groups without a path looked through."""
    found: list[str] = []
    for item in raw if isinstance(raw, list) and depth < MAX_DEPTH else []:
        if not isinstance(item, dict):
            continue
        text = item.get("key") or item.get("path")
        if isinstance(text, str) and text:
            found.append(text.split(".")[0])
        elif item.get("type") == "group":
            found.extend(_keys_below(item.get("components"), depth + 1))
    return found
