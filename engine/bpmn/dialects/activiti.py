"""What Camunda 7, Flowable and Activiti write alike, each in a namespace of its own: they come from one engine."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lxml import etree

from engine.bpmn.dialects.adoption import Adoption, content, drop, form_name, kind, remove
from engine.bpmn.dialects.expressions import moment
from engine.bpmn.dialects.juel import is_juel
from engine.bpmn.dialects.translation import Names, from_juel, literal, quoted

OPERATION = "bpmn.operation"
_ASSIGNMENT = ("assignee", "candidateUsers", "candidateGroups", "priority")
_JAVA = ("class", "delegateExpression")
_OWN_KEY = ("#{execution.processBusinessKey}", "${execution.processBusinessKey}")


def name_the_starter(adoption: Adoption, namespaces: Iterable[str]) -> None:
    """Let the variable that a start event keeps its ``initiator`` in mean ``starter`` in its process."""
    for start in adoption.elements("startEvent"):
        for name in filter(None, [adoption.take(start, namespace, "initiator") for namespace in namespaces]):
            adoption.alias(start, name, "starter")
            if name != "starter":
                reason = f"“{name}” is read as “starter”; forms and decisions do not find it as “{name}”."
                adoption.warn(start, reason)


class Activiti:
    """Reads one namespace of a file. Subclasses add what only their engine has."""

    silent: Collection[str] = ()
    """Attributes and extension elements that mean nothing for execution."""

    def __init__(self, adoption: Adoption, namespace: str, prefix: str) -> None:
        self.adoption = adoption
        self.namespace = namespace
        self.prefix = prefix

    def adopt(self) -> None:
        """Rewrite everything of this namespace that has an equal here, and remark the rest."""
        for process in self.adoption.elements("process"):
            self._process(process)
        for loop in self.adoption.elements("multiInstanceLoopCharacteristics"):
            self._loop(loop)
        for node in self.adoption.elements():
            self._element(node)
        self.adoption.sweep(self.namespace, self.prefix, self.silent)

    def _element(self, node: etree._Element) -> None:
        match kind(node):
            case "userTask":
                self._assignment(node)
                self._form(node, node)
            case "startEvent":
                self._start(node)
            case "serviceTask" | "sendTask" | "businessRuleTask":
                self._work(node)
            case "callActivity":
                self._call(node)
            case "scriptTask":
                self._script(node)
            case _:
                pass

    # Small helpers

    def take(self, node: etree._Element, name: str) -> str | None:
        return self.adoption.take(node, self.namespace, name)

    def value(self, node: etree._Element, text: str, what: str, names: Names | None = None) -> str | None:
        """A literal or ``${…}`` as the value of an option; None after it was refused."""
        if not is_juel(text):
            return literal(text)
        return self.expression(node, text, what, names)

    def expression(
        self, node: etree._Element, text: str, what: str, names: Names | None = None
    ) -> str | None:
        """A ``${…}``, or a bare name of a variable, as an expression behind ``=``."""
        source = text if is_juel(text) else f"${{{text}}}"
        found = self.adoption.translated(
            node, source, lambda juel: from_juel(juel, names or self.adoption.names_at(node)), what
        )
        return None if found is None else f"={found}"

    # Process and start

    def _process(self, node: etree._Element) -> None:
        groups, users = self.take(node, "candidateStarterGroups"), self.take(node, "candidateStarterUsers")
        for text in filter(None, (groups, users)):
            if is_juel(text):
                self.adoption.refuse(
                    node, f"Who may start a process is written out here, not worked out: “{text}”."
                )
                return
        self.adoption.option(node, "starterGroups", groups)
        if users and groups:
            self.adoption.warn(node, f"Single people who may start it are not read, only groups: “{users}”.")
        elif users:
            self.adoption.refuse(
                node, f"Only groups may be said to start it; without one everybody could: “{users}”."
            )

    def _start(self, node: etree._Element) -> None:
        parent = node.getparent()
        if parent is not None and kind(parent) == "process":
            self._form(node, parent, "startForm")

    # Tasks of people

    def _assignment(self, node: etree._Element) -> None:
        for name in _ASSIGNMENT:
            text = self.take(node, name)
            if text is not None:
                self.adoption.option(node, name, self.value(node, text, name))
        due = self.take(node, "dueDate")
        if due is not None:
            self.adoption.option(node, "dueDate", moment(due) or self.value(node, due, "dueDate"))

    def _form(self, node: etree._Element, holder: etree._Element, option: str = "form") -> None:
        key = self.take(node, "formKey")
        if key is None:
            return
        name = self.form_of(key)
        if name is None:
            self.adoption.warn(node, f"The form “{key}” is no form-js file and is not shown.")
        else:
            self.adoption.option(holder, option, name)

    def form_of(self, key: str) -> str | None:
        """The form-js file or form id that a form key means."""
        return form_name(key)

    # Work of machines

    def _work(self, node: etree._Element) -> None:
        """A service task does what its topic, decision or expression says; Java code is refused."""
        raise NotImplementedError

    def java(self, node: etree._Element) -> bool:
        """Whether a task runs Java code; it is refused then."""
        for name in _JAVA:
            code = self.take(node, name)
            if code is not None:
                said = f"{self.prefix}:{name}={code}"
                reason = f"“{said}” is Java code, which does not run here: name a planflow:operation."
                self.adoption.refuse(node, reason, OPERATION)
                return True
        return False

    def evaluated(self, node: etree._Element, result: str | None) -> bool:
        """Whether a task evaluates an expression. Where it can be translated the task becomes a script."""
        text = self.take(node, "expression")
        if text is None:
            return False
        found = self.adoption.translated(
            node,
            text,
            lambda juel: from_juel(juel, self.adoption.names_at(node)),
            "expression of a service task",
        )
        if found is not None:
            self.adoption.become_script(node, f"{result or '_result'} = {found}")
        return True

    def external(self, node: etree._Element, topic: str | None) -> None:
        """A task that workers fetch by topic: the operation of that name, whose whole answer becomes variables."""
        if topic is None or is_juel(topic):
            self.adoption.refuse(node, "The topic must be written out: it names the operation.", OPERATION)
            return
        self.adoption.become(node, "serviceTask")
        drop(node, "implementation", "messageRef", "operationRef")
        self.adoption.option(node, "operation", topic)
        self.adoption.everything(node, "output")

    def decision(self, node: etree._Element, key: str) -> bool:
        """Name the decision; one that is worked out is refused."""
        if is_juel(key):
            self.adoption.refuse(
                node, f"The decision must be written out, not worked out: “{key}”.", "bpmn.decision"
            )
            return False
        self.adoption.become(node, "businessRuleTask")
        self.adoption.option(node, "decision", key)
        return True

    def _script(self, node: etree._Element) -> None:
        """Scripts in JUEL are expressions; those in other languages are refused by their ``scriptFormat``."""
        result = self.take(node, "resultVariable")
        found = next((each for each in node if isinstance(each.tag, str) and kind(each) == "script"), None)
        if (node.get("scriptFormat") or "").lower() != "juel" or found is None:
            if result is not None:
                reason = f"A script sets its variables by name; “{self.prefix}:resultVariable={result}” is not read."
                self.adoption.refuse(node, reason)
            return
        text = self.adoption.translated(
            node, content(found), lambda juel: from_juel(juel, self.adoption.names_at(node)), "script"
        )
        if text is not None:
            self.adoption.become_script(node, f"{result or '_result'} = {text}")

    # Called processes

    def _call(self, node: etree._Element) -> None:
        called = node.get("calledElement") or ""
        if is_juel(called):
            reason = f"The called process must be written out, not worked out: “{called}”."
            self.adoption.refuse(node, reason, "bpmn.called-element")
        for given in self.adoption.extensions(node, self.namespace, "in"):
            self._handed(node, given, "input")
        for given in self.adoption.extensions(node, self.namespace, "out"):
            self._handed(node, given, "output")

    def _handed(self, node: etree._Element, given: etree._Element, direction: str) -> None:
        """One ``in`` or ``out``. A variable that is not there is handed over as null, as the others do."""
        attributes = {str(key): str(value) for key, value in given.attrib.items()}
        remove(given)
        if attributes.get("businessKey") in _OWN_KEY:
            return  # a called process has the business key of its instance anyway
        if attributes.get("variables") == "all" and attributes.get("local") != "true":
            self.adoption.everything(node, direction)
            return
        source, text = attributes.get("source"), attributes.get("sourceExpression")
        target = attributes.get("target")
        if target is None or (source is None and text is None) or attributes.get("local") == "true":
            said = " ".join(f"{key}={value}" for key, value in attributes.items())
            self.adoption.refuse(node, f"“{self.prefix}:{kind(given)} {said}” has no equal here.")
            return
        value = self._maybe(node, source) if text is None else self.value(node, text, "source expression")
        if value is not None:
            self.adoption.mapping(node, direction, target, value)

    def _maybe(self, node: etree._Element, name: str | None) -> str | None:
        """A variable that may be missing."""
        found = self.expression(node, name or "", "source")
        return f"=var({quoted(name or '')}, None)" if found == f"={name}" else found

    # Repetition

    def _loop(self, node: etree._Element) -> None:
        text = self.take(node, "collection")
        if text is not None:
            self.adoption.option(node, "collection", self.expression(node, text, "collection"))
        self.adoption.option(node, "elementVariable", self.take(node, "elementVariable"))
        self.adoption.warn_of_walls(node)

    # Mappings of other activities

    def same_name(self, node: etree._Element, what: str, name: str, value: str | None) -> None:
        """A mapping on an activity that has none here: harmless if it hands a variable on as itself, else refused."""
        if value is not None and value != f"={name}":
            reason = f"“{kind(node)}” has no {what} mappings here: “{name}” would not get its value."
            self.adoption.refuse(node, reason)
