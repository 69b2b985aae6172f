"""Camunda 7: the namespace ``camunda:``, JUEL, and what Camunda Modeler writes for it."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.dialects.activiti import OPERATION, Activiti
from engine.bpmn.dialects.adoption import Adoption, content, kind
from engine.bpmn.dialects.juel import is_juel
from engine.bpmn.dialects.results import COLLECTED, LISTED, SINGLE_ENTRY, SINGLE_RESULT
from engine.bpmn.dialects.translation import Names, quoted

NAMESPACE = "http://camunda.org/schema/1.0/bpmn"
_RESULTS = {
    None: LISTED,
    "resultList": LISTED,
    "singleResult": SINGLE_RESULT,
    "singleEntry": SINGLE_ENTRY,
    "collectEntries": COLLECTED,
}


def adopt(adoption: Adoption) -> None:
    """Read what Camunda 7 says of the elements of a file."""
    Camunda7(adoption, NAMESPACE, "camunda").adopt()


class Camunda7(Activiti):
    """What Camunda 7 has beyond its kin: topics, decisions with mapped results, input and output parameters."""

    silent = ("diagramRelationId", "modelerTemplate", "modelerTemplateVersion", "exclusive")

    def _element(self, node: etree._Element) -> None:
        parameters = self._parameters(node)
        super()._element(node)
        if parameters is not None:
            self._mappings(node, parameters)
        if kind(node) in ("messageEventDefinition", "errorEventDefinition"):
            self._event(node)
        if kind(node) == "conditionExpression" and self.take(node, "resource") is not None:
            self.adoption.refuse(node, "A condition in another file is not read.")

    def _form(self, node: etree._Element, holder: etree._Element, option: str = "form") -> None:
        reference = self.take(node, "formRef")
        if reference is not None and is_juel(reference):
            self.adoption.refuse(node, f"The form must be written out, not worked out: “{reference}”.")
        elif reference is not None:
            self.adoption.option(holder, option, reference)
        super()._form(node, holder, option)
        self.take(node, "formRefBinding")
        if self.adoption.extension(node, self.namespace, "formData") is not None:
            self.adoption.warn(
                node, "Form fields inside the diagram are not shown: make a form-js file of them."
            )

    # Work of machines

    def _work(self, node: etree._Element) -> None:
        work, topic = self.take(node, "type"), self.take(node, "topic")
        decision = self.take(node, "decisionRef")
        result, mapped = self.take(node, "resultVariable"), self.take(node, "mapDecisionResult")
        if decision is not None:
            self._decide(node, decision, result, mapped)
        elif work == "external" or topic is not None:
            self.external(node, topic)
        elif work is not None:
            self.adoption.refuse(node, f"“camunda:type={work}” has no equal here.", OPERATION)
        elif not (self.java(node) or self.evaluated(node, result)):
            self._connector(node)

    def _decide(self, node: etree._Element, key: str, result: str | None, mapped: str | None) -> None:
        if not self.decision(node, key):
            return
        if mapped not in _RESULTS:
            self.adoption.refuse(node, f"“camunda:mapDecisionResult={mapped}” is unknown.", "bpmn.decision")
        elif result is not None:
            self.adoption.mapping(node, "output", result, f"={_RESULTS[mapped]}")
        else:
            self.adoption.warn(node, f"The result of the decision is kept as “{key}”.")

    def _connector(self, node: etree._Element) -> None:
        if self.adoption.extension(node, self.namespace, "connector") is not None:
            reason = "Connectors do not run here: name a planflow:operation instead."
            self.adoption.refuse(node, reason, OPERATION)

    def _event(self, node: etree._Element) -> None:
        """A message that is thrown by Java code or a worker; catching events say nothing of the kind."""
        if self.take(node, "type") == "external" or self.take(node, "expression") is not None:
            self.take(node, "topic")
            self.adoption.refuse(node, "An event cannot call a worker here: put a task before it.", OPERATION)
        else:
            self.java(node)

    # Input and output parameters

    def _parameters(self, node: etree._Element) -> list[etree._Element] | None:
        mapping = self.adoption.extension(node, self.namespace, "inputOutput")
        return None if mapping is None else [each for each in mapping if isinstance(each.tag, str)]

    def _mappings(self, node: etree._Element, parameters: list[etree._Element]) -> None:
        local: dict[str, str] = {}
        for parameter in parameters:
            name, direction = parameter.get("name") or "", kind(parameter).removesuffix("Parameter")
            if direction == "input":
                value = self._parameter(node, parameter, self.adoption.names_at(node))
                self._input(node, name, value)
                if value is not None:
                    local[name] = value
        for parameter in parameters:
            name, direction = parameter.get("name") or "", kind(parameter).removesuffix("Parameter")
            if direction == "output":
                self._output(node, name, parameter, local)

    def _input(self, node: etree._Element, name: str, value: str | None) -> None:
        if value is not None and kind(node) in ("serviceTask", "businessRuleTask"):
            self.adoption.mapping(node, "input", name, value)
        else:
            self.same_name(node, "input", name, value)

    def _output(
        self, node: etree._Element, name: str, parameter: etree._Element, local: dict[str, str]
    ) -> None:
        """In an output the answer of the worker hides the inputs, and those hide the variables."""
        if kind(node) != "serviceTask":
            self.same_name(
                node, "output", name, self._parameter(node, parameter, self.adoption.names_at(node))
            )
            return
        inside = {key: _behind_answer(key, value) for key, value in local.items()}
        names = Names({**self.adoption.names_at(node).aliases, **inside}, answer="result")
        value = self._parameter(node, parameter, names)
        if value is not None:
            self.adoption.mapping(node, "output", name, value)

    def _parameter(self, node: etree._Element, parameter: etree._Element, names: Names) -> str | None:
        """The value of a parameter or of a part of one: text, expression, list or map."""
        inner = next((each for each in parameter if isinstance(each.tag, str)), None)
        if inner is None:
            return self.value(node, content(parameter), "parameter", names)
        match kind(inner):
            case "list":
                items = [self._part(node, value, names) for value in inner if isinstance(value.tag, str)]
                return None if None in items else f"=[{', '.join(map(str, items))}]"
            case "map":
                entries = [
                    (entry.get("key") or "", self._part(node, entry, names))
                    for entry in inner
                    if isinstance(entry.tag, str)
                ]
                if any(value is None for _key, value in entries):
                    return None
                return f"={{{', '.join(f'{quoted(key)}: {value}' for key, value in entries)}}}"
            case other:
                self.adoption.refuse(node, f"A parameter of the kind “{other}” has no equal here.")
                return None

    def _part(self, node: etree._Element, part: etree._Element, names: Names) -> str | None:
        """An item of a list or map as Starlark."""
        value = self._parameter(node, part, names)
        if value is None:
            return None
        return value[1:] if value.startswith("=") else quoted(value)


def _behind_answer(name: str, value: str) -> str:
    inner = f"({value[1:]})" if value.startswith("=") else quoted(value)
    return f"(result[{quoted(name)}] if {quoted(name)} in result else {inner})"
