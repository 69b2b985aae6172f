"""Reads DMN as dmn-js and Camunda Modeler write it. Whatever is not executed is refused by element."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import basename

from lxml import etree

from engine.decisions.elements import Findings, local_name, names_in
from engine.decisions.feel import Vocabulary
from engine.decisions.logic import LogicReader
from engine.decisions.model import Decision, KnowledgeModel, Parameter, Required
from engine.decisions.requirements import MAX_CHAIN, in_order
from engine.decisions.support import NAMESPACES
from engine.decisions.values import ValueType
from engine.errors import NotDeployable, Problem
from engine.xml import parse

Key = tuple[str, str]
"""A decision or knowledge model: its file and its id."""


@dataclass(frozen=True)
class DecisionFiles:
    """The decisions of several DMN files, by file. ``warnings`` name what was left out without harm.

    With ``problems`` the decisions are only good for knowing their names.
    """

    decisions: Mapping[str, list[Decision]]
    warnings: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_decisions(content: bytes, resource: str = "") -> list[Decision]:
    """The decisions of a DMN file, in its order. ``resource`` is the file's name, for the problems.

    Raises NotDeployable with a problem for each element that is wrong or not executed.
    """
    return list(read_decision_files({resource: content}).decisions[resource])


def read_decision_files(files: Mapping[str, bytes]) -> DecisionFiles:
    """The decisions of DMN files that may require each other's. Raises NotDeployable as `read_decisions` does."""
    read = examine_decision_files(files)
    if read.problems:
        raise NotDeployable(read.problems)
    return read


def examine_decision_files(files: Mapping[str, bytes]) -> DecisionFiles:
    """The decisions of DMN files, as far as they can be read, with all that is wrong with them."""
    problems: list[Problem] = []
    opened: dict[str, _File] = {}
    for resource, content in files.items():
        try:
            opened[resource] = _File(resource, parse(content, resource))
        except NotDeployable as refused:
            problems += refused.problems
    decisions = _Reader(opened).read()
    for file in opened.values():
        file.findings.finish()
    problems += [problem for file in opened.values() for problem in file.findings.problems]
    warnings = [warning for file in opened.values() for warning in file.findings.warnings]
    return DecisionFiles(decisions, warnings, problems)


@dataclass
class _Node:
    """An element of the requirements graph, with its children that are executed, by name."""

    element: etree._Element
    children: dict[str, list[etree._Element]]
    requires: list[tuple[Key, str | None]] = field(default_factory=list)
    inputs: set[str] = field(default_factory=set)

    def all(self, *names: str) -> list[etree._Element]:
        """The children with one of these names."""
        return [child for name in names for child in self.children.get(name, ())]


class _File:
    """One file: its elements by id, before anything refers to another."""

    def __init__(self, resource: str, root: etree._Element) -> None:
        self.resource = resource
        self.root = root
        self.findings = Findings(resource, root.get("expressionLanguage"))
        self.nodes: dict[str, _Node] = {}
        self.inputs: dict[str, str] = {}
        self.imports: list[etree._Element] = []
        self.namespace = root.get("namespace")
        if etree.QName(root).namespace not in NAMESPACES or local_name(root) != "definitions":
            versions = ", ".join(sorted(NAMESPACES.values()))
            self.findings.add(
                root, "version", f"This is not DMN {versions} (a “definitions” of its namespace)."
            )
            return
        self.findings.language(root)
        self._check_ids()
        self._open()

    def _open(self) -> None:
        for child in self.findings.children(self.root):
            key = child.get("id", "")
            if not key and local_name(child) != "import":
                self.findings.add(child, "id", f"The “{local_name(child)}” has no id.")
            match local_name(child):
                case "import":
                    self.imports.append(child)
                case "inputData":
                    variable = child.find("{*}variable")
                    named = child if variable is None else variable
                    self.inputs[key] = named.get("name") or key
                case _:
                    self.nodes[key] = self._node(child)
        if not any(local_name(node.element) == "decision" for node in self.nodes.values()):
            self.findings.add(self.root, "decision", "There is no decision in it.")

    def _node(self, element: etree._Element) -> _Node:
        children: dict[str, list[etree._Element]] = {}
        for child in self.findings.children(element):
            children.setdefault(local_name(child), []).append(child)
        return _Node(element, children)

    def _check_ids(self) -> None:
        every = Counter(node.get("id") for node in self.root.iter(f"{{{etree.QName(self.root).namespace}}}*"))
        for key, count in every.items():
            if key is not None and count > 1:
                self.findings.add(self.root, "id", f"The id “{key}” is there {count} times.")


class _Reader:
    """Reads the decisions and knowledge models of all files, each after those that it requires."""

    def __init__(self, files: Mapping[str, _File]) -> None:
        self._files = files
        self._models: dict[Key, KnowledgeModel] = {}
        self._decisions: dict[Key, Decision] = {}

    def read(self) -> dict[str, list[Decision]]:
        for file in self._files.values():
            for each in file.imports:
                self._import(file, each)
        nodes = {(name, key): node for name, file in self._files.items() for key, node in file.nodes.items()}
        for (name, _key), node in nodes.items():
            self._find_required(self._files[name], node)
        order = in_order({key: [each for each, _under in node.requires] for key, node in nodes.items()})
        for key in (*order.rings, *order.too_long):
            reason = (
                f"Decisions may require each other at most {MAX_CHAIN} deep."
                if key in order.too_long
                else f"Decisions require each other in a ring, by way of “{nodes[key].requires[0][0][1]}”."
            )
            self._files[key[0]].findings.add(nodes[key].element, "requirement", reason)
        if not order.rings and not order.too_long:
            for key in order.keys:
                self._read_node(key, nodes[key])
        return {
            name: [self._decisions[name, key] for key in file.nodes if (name, key) in self._decisions]
            for name, file in self._files.items()
        }

    def _read_node(self, key: Key, node: _Node) -> None:
        if local_name(node.element) == "decision":
            self._decisions[key] = self._read_decision(key, node)
        else:
            self._models[key] = self._read_model(key, node)

    def _find_required(self, file: _File, node: _Node) -> None:
        for requirement in node.all("informationRequirement", "knowledgeRequirement"):
            references = list(file.findings.children(requirement))
            if not references:
                reason = f"“{local_name(requirement)}” names nothing that is required."
                file.findings.add(requirement, "requirement", reason)
            for child in references:
                self._find(file, node, child)

    def _find(self, file: _File, node: _Node, reference: etree._Element) -> None:
        """Where a reference leads: ``#id`` in the file, ``namespace#id`` in one that it imports (DMN 1.3 §6.3.2)."""
        kind, href = local_name(reference), reference.get("href", "")
        namespace, _hash, key = href.rpartition("#")
        under = None
        target: _File | None = file
        if namespace and namespace != file.namespace:
            target, under = self._imported(file, reference, namespace)
        if target is None:
            return
        found = target.nodes.get(key)
        wanted = "decision" if kind == "requiredDecision" else "businessKnowledgeModel"
        if kind == "requiredInput" and key in target.inputs:
            node.inputs.add(target.inputs[key])
        elif kind != "requiredInput" and found is not None and local_name(found.element) == wanted:
            node.requires.append(((target.resource, key), under))
        else:
            where = "in this file" if target is file else f"in “{target.resource}”"
            file.findings.add(reference, "requirement", f"“{href}” is no {_SAID[kind]} {where}.")

    def _imported(
        self, file: _File, reference: etree._Element, namespace: str
    ) -> tuple[_File | None, str | None]:
        named = [each for each in file.imports if each.get("namespace") == namespace]
        if len(named) != 1:
            reason = f"The namespace “{namespace}” is imported {len(named)} times; it has to be once."
            file.findings.add(reference, "import", reason)
            return None, None
        return self._import(file, named[0]), named[0].get("name") or None

    def _import(self, file: _File, element: etree._Element) -> _File | None:
        """The one file that an import means (DMN 1.3 §6.3.3); there not being just one is a finding."""
        if element.get("importType") not in NAMESPACES:
            reason = f"Only DMN files are imported, not “{element.get('importType')}”."
            file.findings.add(element, "import", reason)
            return None
        namespace, location = element.get("namespace"), element.get("locationURI")
        found = [
            other
            for other in self._files.values()
            if other is not file and other.namespace == namespace
            if location is None or basename(other.resource) == basename(location)
        ]
        if len(found) != 1:
            reason = f"{len(found)} files beside it are what is imported, “{location or namespace}”; it has to be one."
            file.findings.add(element, "import", reason)
            return None
        return found[0]

    def _read_decision(self, key: Key, node: _Node) -> Decision:
        file = self._files[key[0]]
        name = node.element.get("name") or key[1]
        required = tuple(
            Required(self._decisions[each], under) for each, under in node.requires if each in self._decisions
        )
        knowledge = self._knowledge(file, node)
        known = {word for each in required if each.under is None for word in each.decision.names}
        words = names_in(dict.fromkeys({*known, *node.inputs, *(each.under or "" for each in required)}))
        file.findings.vocabulary = Vocabulary(words - {""}, _signatures(knowledge))
        reader = LogicReader(file.findings, knowledge)
        variable, wanted = self._variable(file, node)
        names = tuple(dict.fromkeys((variable or name, key[1], name)))
        logic = reader.only(node.element, _logic(node), variable or key[1], wanted)
        return Decision(key[1], name, names, logic, required, knowledge)

    def _read_model(self, key: Key, node: _Node) -> KnowledgeModel:
        file = self._files[key[0]]
        knowledge = self._knowledge(file, node)
        reader = LogicReader(file.findings, knowledge)
        variable, wanted = self._variable(file, node)
        name = variable or node.element.get("name") or key[1]
        file.findings.vocabulary = Vocabulary(functions=_signatures(knowledge))
        functions = node.all("encapsulatedLogic")
        if len(functions) != 1:
            file.findings.add(node.element, "logic", "It needs one function (“encapsulatedLogic”).")
            functions = []
        parameters: list[Parameter] = []
        found: list[etree._Element] = []
        for function in functions:
            if function.get("kind", "FEEL") != "FEEL":
                reason = f"Functions of the kind “{function.get('kind')}” are not executed."
                file.findings.add(function, "function", reason)
            for child in file.findings.children(function):
                if local_name(child) == "formalParameter":
                    parameters.append(Parameter(child.get("name") or "", file.findings.type_of(child)))
                else:
                    found.append(child)
        words = names_in(dict.fromkeys(parameter.name for parameter in parameters))
        file.findings.vocabulary = Vocabulary(words, _signatures(knowledge))
        logic = reader.only(node.element, found, name, wanted)
        return KnowledgeModel(key[1], name, tuple(parameters), logic, wanted, knowledge)

    def _knowledge(self, file: _File, node: _Node) -> dict[str, KnowledgeModel]:
        models = [self._models[each] for each, _under in node.requires if each in self._models]
        names = [model.name for model in models]
        for name in {name for name in names if names.count(name) > 1}:
            file.findings.add(node.element, "requirement", f"It requires two models named “{name}”.")
        return dict(zip(names, models, strict=True))

    def _variable(self, file: _File, node: _Node) -> tuple[str | None, ValueType]:
        found = node.all("variable")
        if not found:
            return None, ValueType.ANY
        if len(found) > 1:
            file.findings.add(node.element, "variable", "It has several variables.")
        return found[0].get("name"), file.findings.type_of(found[0])


_SAID = {
    "requiredDecision": "decision",
    "requiredInput": "input data",
    "requiredKnowledge": "business knowledge model",
}


def _logic(node: _Node) -> list[etree._Element]:
    taken = {"variable", "informationRequirement", "knowledgeRequirement"}
    return [child for name, found in node.children.items() if name not in taken for child in found]


def _signatures(knowledge: Mapping[str, KnowledgeModel]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(parameter.name for parameter in model.parameters) for name, model in knowledge.items()
    }
