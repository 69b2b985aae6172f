"""The parsed tree of a foreign file while it is rewritten: what is taken out, what is put in, and what is remarked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from lxml import etree

from engine.bpmn.dialects.translation import Names, NotTranslatable
from engine.bpmn.support import BPMN, PLANFLOW
from engine.errors import Problem

FOREIGN = "bpmn.foreign"
EXPRESSION = "bpmn.expression"
_SHOWN = 80
_HOLDERS = (f"{{{PLANFLOW}}}inputs", f"{{{PLANFLOW}}}outputs")


class Adoption:
    """One file. ``problems`` grows as its dialects are read."""

    def __init__(self, root: etree._Element, resource: str) -> None:
        self.root = root
        self.resource = resource
        self.problems: list[Problem] = []
        self._aliases: dict[str, dict[str, str]] = {}
        self._designers = list(root.iter(*_HOLDERS))

    # What is remarked

    def warn(self, node: etree._Element | None, reason: str, rule: str = FOREIGN) -> None:
        """Something is not read, and the model runs without it. None: the file as a whole."""
        self._report(node, reason, rule, "warning")

    def refuse(self, node: etree._Element, reason: str, rule: str = FOREIGN) -> None:
        """Something is not read, and without it the model would do something else."""
        self._report(node, reason, rule, "error")

    def warn_of_walls(self, loop: etree._Element) -> None:
        """Tell that a repetition keeps its variables to itself, which the other engines do not see so."""
        if f"{{{PLANFLOW}}}outputCollection" not in loop.attrib:
            self.warn(loop, "What a repetition writes stays in it: nothing of it is gathered afterwards.")

    def _report(self, node: etree._Element | None, reason: str, rule: str, severity: str) -> None:
        owner = None if node is None else _owner(node)
        found = (None, None) if owner is None else (owner.get("id"), owner.get("name"))
        self.problems.append(Problem(self.resource, *found, reason, rule, severity))

    # What is read

    def elements(self, *kinds: str) -> list[etree._Element]:
        """All BPMN elements of these kinds, or all; a list, since reading changes the tree."""
        return list(self.root.iter(*(f"{{{BPMN}}}{kind}" for kind in kinds or ("*",))))

    @staticmethod
    def take(node: etree._Element, namespace: str, name: str) -> str | None:
        """The value of a foreign attribute, which is gone then. Empty counts as not there."""
        value = node.get(f"{{{namespace}}}{name}")
        drop(node, f"{{{namespace}}}{name}")
        return value or None

    @staticmethod
    def extensions(node: etree._Element, namespace: str, name: str = "*") -> list[etree._Element]:
        """The extension elements of an element."""
        path = f"{{{BPMN}}}extensionElements/{{{namespace}}}{name}"
        return [found for found in node.iterfind(path) if isinstance(found.tag, str)]

    def extension(self, node: etree._Element, namespace: str, name: str) -> etree._Element | None:
        """The first extension element of this name, which is gone from the tree then; its own parts stay."""
        found = self.extensions(node, namespace, name)
        for each in found:
            remove(each)
        return found[0] if found else None

    def translated(
        self, node: etree._Element, text: str, translate: Callable[[str], str], what: str
    ) -> str | None:
        """The Starlark of an expression, without ``=``. One without an equal is refused, and None comes back."""
        try:
            return translate(text)
        except NotTranslatable as reason:
            shown = " ".join(text.split())
            shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
            self.refuse(node, f"The {what} “{shown}” cannot be read here: {reason}", EXPRESSION)
            return None

    def alias(self, node: etree._Element, name: str, starlark: str) -> None:
        """Let a name mean something else in all expressions of the process around a node."""
        self._aliases.setdefault(_process_id(node), {})[name] = starlark

    def names_at(self, node: etree._Element) -> Names:
        """What names mean in the expressions of a node."""
        return Names(self._aliases.get(_process_id(node), {}))

    # What is put in

    @staticmethod
    def option(node: etree._Element, name: str, value: str | None) -> None:
        """Set a ``planflow:`` attribute, unless the designer has set it; None sets nothing."""
        key = f"{{{PLANFLOW}}}{name}"
        if value is not None and key not in node.attrib:
            node.set(key, value)

    def mapping(self, node: etree._Element, kind: str, name: str, value: str) -> None:
        """Add a ``planflow:input`` or ``planflow:output``, as ``kind`` says. Of one name the last one counts.

        Where the designer has written such mappings, those stay alone.
        """
        holder = self._holder(node, f"{kind}s")
        if any(holder is each for each in self._designers):
            return
        for earlier in holder.findall(f"{{{PLANFLOW}}}{kind}"):
            if earlier.get("name") == name:
                holder.remove(earlier)
        etree.SubElement(holder, f"{{{PLANFLOW}}}{kind}", {"name": name, "value": value})

    def everything(self, node: etree._Element, kind: str) -> None:
        """Add the mapping that hands everything over."""
        self.mapping(node, kind, "*", "")

    @staticmethod
    def _holder(node: etree._Element, name: str) -> etree._Element:
        extension = node.find(f"{{{BPMN}}}extensionElements")
        if extension is None:
            extension = etree.Element(f"{{{BPMN}}}extensionElements")
            node.insert(0, extension)
        found = extension.find(f"{{{PLANFLOW}}}{name}")
        return etree.SubElement(extension, f"{{{PLANFLOW}}}{name}") if found is None else found

    @staticmethod
    def become(node: etree._Element, kind: str) -> None:
        """Make another BPMN element of it."""
        node.tag = f"{{{BPMN}}}{kind}"

    def become_script(self, node: etree._Element, script: str) -> None:
        """Make a script task of it. Only what a script task has stays."""
        self.become(node, "scriptTask")
        drop(node, "scriptFormat", "implementation")
        for old in node.findall(f"{{{BPMN}}}script"):
            node.remove(old)
        etree.SubElement(node, f"{{{BPMN}}}script").text = script

    # What is left

    def sweep(self, namespace: str, prefix: str, silent: Iterable[str] = ()) -> None:
        """Warn of every attribute and extension element of a namespace that is still there, and take it out."""
        quiet = frozenset(silent)
        for node in self.elements():
            for key in [str(key) for key in node.attrib]:
                name = etree.QName(key)
                if name.namespace == namespace:
                    del node.attrib[key]
                    self._left(node, prefix, name.localname, quiet)
            for child in [c for c in node if isinstance(c.tag, str)]:
                if etree.QName(child).namespace == namespace:
                    self._left(node, prefix, etree.QName(child).localname, quiet)
                    remove(child)

    def _left(self, node: etree._Element, prefix: str, name: str, quiet: frozenset[str]) -> None:
        if name not in quiet:
            self.warn(node, f"“{prefix}:{name}” has no equal here and is not read.")


def _owner(node: etree._Element) -> etree._Element | None:
    """The nearest element with an id, since that is what a designer can find in the diagram."""
    current: etree._Element | None = node
    while current is not None and current.get("id") is None:
        current = current.getparent()
    return current


def drop(node: etree._Element, *names: str) -> None:
    """Take attributes away, where they are there."""
    for name in names:
        if name in node.attrib:
            del node.attrib[name]


def remove(node: etree._Element) -> None:
    """Take a node out of the tree, but not the text behind it."""
    parent = node.getparent()
    if parent is not None:
        node.tail = None
        parent.remove(node)


def kind(node: etree._Element) -> str:
    """The BPMN name of an element."""
    return etree.QName(node).localname


def content(node: etree._Element) -> str:
    """The text of a node, without the white space around it."""
    return "".join(str(part) for part in node.itertext()).strip()


def is_executable(process: etree._Element) -> bool:
    """Whether a process can be started. XML Schema writes truth in two ways."""
    return (process.get("isExecutable") or "").strip() in ("true", "1")


def refers(node: etree._Element, attribute: str, target: str) -> bool:
    """Whether an attribute holds this id, with or without the prefix of a namespace before it."""
    return (node.get(attribute) or "").rsplit(":", 1)[-1] == target


def process_of(node: etree._Element) -> etree._Element | None:
    """The process that an element is in."""
    return next(node.iterancestors(f"{{{BPMN}}}process"), None)


def _process_id(node: etree._Element) -> str:
    process = process_of(node)
    return "" if process is None else process.get("id") or ""


def catches(node: etree._Element) -> bool:
    """Whether it waits for a message or another event, and may map what that carries."""
    return kind(node) in ("receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent")


def form_name(key: str) -> str | None:
    """The form-js file that a form key of Camunda means; None when it means something else."""
    found = re.fullmatch(r"camunda-forms:(?:deployment|app|/?)[:/]?(?P<name>[^:]+\.form)", key)
    if found:
        return found["name"]
    return key if key.endswith(".form") else None
