"""Camunda 8: the namespace ``zeebe:``, FEEL, and what Camunda Modeler writes for it."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from engine.bpmn.dialects.adoption import Adoption, catches, drop, form_name, kind, process_of, refers
from engine.bpmn.dialects.expressions import moment
from engine.bpmn.dialects.results import FEEL_RESULT
from engine.bpmn.dialects.translation import PLAIN, Names, from_feel

NAMESPACE = "http://camunda.org/schema/zeebe/1.0"
PLATFORM = "Camunda Cloud"
CORRELATION_KEY = "correlationKey"
"""The name that the one correlation key of a message gets, which has none there."""

_OPERATION = "bpmn.operation"
_WORKERS = ("serviceTask", "sendTask", "businessRuleTask", "scriptTask")
_SILENT = ("userTask", "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon")


def adopt(adoption: Adoption) -> None:
    """Read what Camunda 8 says of the elements of a file."""
    reader = _Camunda8(adoption)
    for node in adoption.elements():
        reader.element(node)
    adoption.sweep(NAMESPACE, "zeebe", _SILENT)


class _Camunda8:
    def __init__(self, adoption: Adoption) -> None:
        self.adoption = adoption

    def element(self, node: etree._Element) -> None:
        match kind(node):
            case "userTask":
                self._person(node)
            case "startEvent":
                self._start(node)
            case "message":
                self._message(node)
            case "error" | "escalation" | "signal":
                self._code(node)
            case "callActivity":
                self._call(node)
            case "multiInstanceLoopCharacteristics":
                self._loop(node)
            case _:
                self._work(node)
        if catches(node) and (kind(node) == "receiveTask" or _has_event(node)):
            self._caught(node)
        self._leftover_mappings(node)

    # Small helpers

    def _given(self, node: etree._Element, name: str) -> Mapping[str, str]:
        """The attributes of an extension element, which is gone then; none where it is not there."""
        found = self.adoption.extension(node, NAMESPACE, name)
        return {} if found is None else {str(k): str(v) for k, v in found.attrib.items() if v}

    def _value(self, node: etree._Element, text: str, what: str, names: Names = PLAIN) -> str | None:
        """A literal, or FEEL behind ``=``, as the value of an option; None after it was refused."""
        if not text.startswith("="):
            return text
        found = self.adoption.translated(node, text, lambda feel: from_feel(feel, names), what)
        return None if found is None else f"={found}"

    def _written_out(self, node: etree._Element, text: str | None, what: str, rule: str) -> str | None:
        if text is not None and text.startswith("="):
            self.adoption.refuse(node, f"The {what} must be written out, not worked out: “{text}”.", rule)
            return None
        return text

    def _mappings(self, node: etree._Element) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
        """Source and target of the inputs and the outputs, which are gone from the tree then."""
        found = self.adoption.extension(node, NAMESPACE, "ioMapping")
        pairs: dict[str, list[tuple[str, str]]] = {"input": [], "output": []}
        for each in found if found is not None else ():
            if isinstance(each.tag, str):
                pairs.setdefault(kind(each), []).append((each.get("source") or "", each.get("target") or ""))
        return pairs["input"], pairs["output"]

    # Tasks of people

    def _person(self, node: etree._Element) -> None:
        for name, text in self._given(node, "assignmentDefinition").items():
            self.adoption.option(node, name, self._value(node, text, name))
        for name, text in self._given(node, "taskSchedule").items():
            if name == "dueDate":
                self.adoption.option(node, name, moment(text) or self._value(node, text, name))
            else:
                self.adoption.warn(node, f"“zeebe:{name}” has no equal here and is not read.")
        priority = self._given(node, "priorityDefinition").get("priority")
        if priority is not None:
            self.adoption.option(node, "priority", self._value(node, priority, "priority"))
        self._form(node, node, "form")
        if self._given(node, "taskDefinition"):
            self.adoption.warn(
                node, "A person does this here, not a worker: “zeebe:taskDefinition” is not read."
            )

    def _form(self, node: etree._Element, holder: etree._Element, option: str) -> None:
        given = self._given(node, "formDefinition")
        key, reference = given.get("formKey"), given.get("formId")
        if reference is not None:
            self.adoption.option(holder, option, self._written_out(node, reference, "form", "bpmn.foreign"))
        elif key is not None and form_name(key) is not None:
            self.adoption.option(holder, option, form_name(key))
        elif key is not None or "externalReference" in given:
            shown = key or given["externalReference"]
            self.adoption.warn(
                node, f"The form “{shown}” is no form-js file beside the model and is not shown."
            )

    def _start(self, node: etree._Element) -> None:
        parent = node.getparent()
        if parent is not None and kind(parent) == "process":
            self._form(node, parent, "startForm")

    # Work of machines

    def _work(self, node: etree._Element) -> None:
        decision, script = self._given(node, "calledDecision"), self._given(node, "script")
        worker = self._given(node, "taskDefinition")
        if decision:
            self._decide(node, decision)
        elif script:
            self._script(node, script)
        elif worker and kind(node) in _WORKERS:
            self._worker(node, worker)
        elif worker:
            self.adoption.refuse(
                node, "An event cannot call a worker here: put a task before it.", _OPERATION
            )

    def _worker(self, node: etree._Element, worker: Mapping[str, str]) -> None:
        """A task that a worker does: the operation named like its type."""
        self.adoption.become(node, "serviceTask")
        drop(node, "implementation", "messageRef", "operationRef", "scriptFormat")
        self.adoption.option(
            node, "operation", self._written_out(node, worker.get("type"), "type", _OPERATION)
        )
        if "retries" in worker:
            self.adoption.warn(node, "“zeebe:retries” is not read: what fails waits for an administrator.")
        inputs, outputs = self._mappings(node)
        local = self._inputs(node, inputs)
        if not outputs:
            self.adoption.everything(node, "output")
        self._outputs(node, outputs, Names(local, answer="result"))

    def _inputs(self, node: etree._Element, pairs: list[tuple[str, str]]) -> dict[str, str]:
        """Add the inputs. A later one sees those before it; what comes back is Starlark for each."""
        local: dict[str, str] = {}
        for source, target in pairs:
            value = self._value(node, source, "input", Names(dict(local)))
            if value is not None and self._plain_target(node, target):
                self.adoption.mapping(node, "input", target, value)
                if value.startswith("="):
                    local[target] = f"({value[1:]})"
        return local

    def _outputs(self, node: etree._Element, pairs: list[tuple[str, str]], names: Names) -> None:
        for source, target in pairs:
            value = self._value(node, source, "output", names)
            if value is not None and self._plain_target(node, target):
                self.adoption.mapping(node, "output", target, value)

    def _plain_target(self, node: etree._Element, target: str) -> bool:
        if "." in target or not target:
            reason = f"The mapping to “{target}” is not read: a mapping sets a whole variable."
            self.adoption.refuse(node, reason)
            return False
        return True

    def _decide(self, node: etree._Element, given: Mapping[str, str]) -> None:
        key = self._written_out(node, given.get("decisionId"), "decision", "bpmn.decision")
        self.adoption.option(node, "decision", key)
        result = given.get("resultVariable") or key or ""
        inputs, outputs = self._mappings(node)
        self._inputs(node, inputs)
        if outputs:
            self._outputs(node, outputs, Names({result: FEEL_RESULT}))
        else:
            self.adoption.mapping(node, "output", result, f"={FEEL_RESULT}")

    def _script(self, node: etree._Element, given: Mapping[str, str]) -> None:
        """A FEEL expression whose value becomes one variable."""
        source = self.adoption.translated(node, given.get("expression", ""), from_feel, "script")
        if source is not None:
            self.adoption.become_script(node, f"{given.get('resultVariable', '_result')} = {source}")

    # Called processes and repetition

    def _call(self, node: etree._Element) -> None:
        """All variables go in and come out unless the model says otherwise, as there."""
        given = self._given(node, "calledElement")
        key = self._written_out(node, given.get("processId"), "called process", "bpmn.called-element")
        if key is not None:
            node.set("calledElement", key)
        if given.get("bindingType") == "versionTag":
            self.adoption.warn(
                node, "“zeebe:versionTag” is not read: the version beside it or the latest runs."
            )
        inputs, outputs = self._mappings(node)
        if given.get("propagateAllParentVariables") != "false":
            self.adoption.everything(node, "input")
        self._inputs(node, inputs)
        if not outputs and given.get("propagateAllChildVariables") != "false":
            self.adoption.everything(node, "output")
        self._outputs(node, outputs, PLAIN)

    def _loop(self, node: etree._Element) -> None:
        given = self._given(node, "loopCharacteristics")
        for name, option in (("inputCollection", "collection"), ("outputElement", "outputElement")):
            if name in given:
                text = given[name] if given[name].startswith("=") else f"={given[name]}"
                self.adoption.option(node, option, self._value(node, text, name))
        self.adoption.option(node, "elementVariable", given.get("inputElement"))
        self.adoption.option(node, "outputCollection", given.get("outputCollection"))
        self.adoption.warn_of_walls(node)

    # Messages, and codes that are worked out

    def _message(self, node: etree._Element) -> None:
        key = self._given(node, "subscription").get("correlationKey")
        self._written_out(node, node.get("name"), "name of a message", "bpmn.message")
        if key is None:
            return
        text = key if key.startswith("=") else f"={key}"
        value = self._value(node, text, "correlation key")
        if value is not None:
            for event in self._waiting_for(node.get("id") or ""):
                self.adoption.option(event, "correlation", f'={{"{CORRELATION_KEY}": {value[1:]}}}')

    def _waiting_for(self, message: str) -> list[etree._Element]:
        """The events and tasks that wait for a message inside an instance. What starts a process asks no key."""
        found: list[etree._Element] = []
        for node in self.adoption.elements("messageEventDefinition", "receiveTask"):
            event = node if kind(node) == "receiveTask" else node.getparent()
            if event is None or not refers(node, "messageRef", message) or kind(event) in _THROWING:
                continue
            if kind(event) != "startEvent" or event.getparent() is not process_of(event):
                found.append(event)
        return found

    def _caught(self, node: etree._Element) -> None:
        """Outputs of what waits for an event: they see what a message carries before the variables."""
        inputs, outputs = self._mappings(node)
        for _source, target in inputs:
            self.adoption.refuse(node, f"What waits for an event has no inputs here: “{target}”.")
        self._outputs(node, outputs, Names(answer="message"))

    def _code(self, node: etree._Element) -> None:
        for name in ("name", f"{kind(node)}Code"):
            self._written_out(node, node.get(name), name, "bpmn.expression")

    def _leftover_mappings(self, node: etree._Element) -> None:
        """Mappings of an element that has none here, such as a user task: those from a name to itself do nothing."""
        for source, target in (pair for pairs in self._mappings(node) for pair in pairs):
            if source.removeprefix("=").strip() != target:
                reason = f"“{kind(node)}” has no mappings here: “{target}” would not get its value."
                self.adoption.refuse(node, reason)


_THROWING = ("intermediateThrowEvent", "endEvent")


def _has_event(node: etree._Element) -> bool:
    """Whether an event waits for anything; a start event without is only where its process begins."""
    kinds = [kind(each) for each in node if isinstance(each.tag, str)]
    return any(each.endswith("EventDefinition") or each == "eventDefinitionRef" for each in kinds)


def speaks_feel(root: etree._Element) -> bool:
    """Whether a file was drawn for Camunda 8, so that what begins with ``=`` is FEEL."""
    platform = root.get("{http://camunda.org/schema/modeler/1.0}executionPlatform")
    return platform == PLATFORM or NAMESPACE in root.nsmap.values()
