"""What a model must be beyond its elements being known: references that resolve, shapes that can run."""

from __future__ import annotations

from collections.abc import Iterator

from engine.bpmn.event_rules import Finding, compensation_findings, event_findings, misused_option
from engine.bpmn.model import Element, Event, Model, Process, Scope, walk
from engine.bpmn.support import ACTIVITIES, ALWAYS_THERE, EVENTS
from engine.errors import Problem

START_IN_PROCESS = frozenset({"none", "message", "signal", "timer", "conditional"})
START_IN_EVENT_SUB_PROCESS = frozenset(
    {"message", "signal", "timer", "error", "escalation", "conditional", "compensation"}
)
ALWAYS_INTERRUPTS = ("error", "cancel")
AFTER_EVENT_GATEWAY = frozenset({"intermediateCatchEvent", "receiveTask"})
JOINED_CONDITION = "A condition that starts a process cannot wait together with other events."
"""It is asked outside of any instance, and would not find the one that waits for it."""


def structural_problems(model: Model) -> list[Problem]:
    """Every reason why the processes of this model could not run as drawn."""
    if not model.processes:
        return [Problem(model.resource, None, None, "There is no process in this file.", "bpmn.no-process")]
    problems: list[Problem] = []
    if not any(p.executable for p in model.processes.values()):
        reason = 'No process is executable: isExecutable="true" is missing.'
        problems.append(Problem(model.resource, None, None, reason, "bpmn.not-executable"))
    for process in model.processes.values():
        if process.executable:
            for element, reason, rule in _process_findings(process):
                element_id = process.id if element is None else element.id
                name = process.name if element is None else element.name
                problems.append(Problem(model.resource, element_id, name, reason, rule))
    return problems


def _process_findings(process: Process) -> Iterator[Finding]:
    if not process.scope.elements:
        yield None, "The process is empty.", "bpmn.empty"
        return
    yield from _correlation_findings(process)
    yield from _scope_findings(process.scope, START_IN_PROCESS)
    yield from _cancel_findings(process.scope, None, None)
    yield from compensation_findings(process.scope, None)
    for element in walk(process.scope):
        if element.scope is not None:
            allowed = START_IN_EVENT_SUB_PROCESS if element.triggered_by_event else frozenset({"none"})
            yield from _scope_findings(element.scope, allowed)
            yield from compensation_findings(element.scope, element)
            if element.triggered_by_event:
                yield from _event_sub_process_findings(element)
            if element.ad_hoc is not None:
                yield from _ad_hoc_findings(element, element.scope)
        yield from _element_findings(element)
    for scope in process.global_tasks.values():
        for element in scope.elements.values():
            yield from _element_findings(element)


def _correlation_findings(process: Process) -> Iterator[Finding]:
    """A correlation key that could not be asked for would let messages arrive at the wrong place (§8.4.2)."""
    for each in process.correlation:
        if any(not (message and path) for message, path in each.paths.items()):
            reason = f"Each retrieval expression of “{each.name}” needs a messageRef and a messagePath."
            yield None, reason, "bpmn.correlation"
        if each.binding == "":
            yield None, f"The binding of “{each.name}” needs a dataPath.", "bpmn.correlation"
        if each.binding is not None and not each.paths:
            yield None, f"“{each.name}” is bound, but no message is said to hold it.", "bpmn.correlation"


def _scope_findings(scope: Scope, starts: frozenset[str]) -> Iterator[Finding]:
    for flow in scope.flows.values():
        for end in (flow.source, flow.target):
            if end not in scope.elements:
                reason = f"The flow “{flow.id}” leads to or from “{end}”, which is not in its scope."
                yield None, reason, "bpmn.flow"
    if scope.elements and not scope.starts:
        yield None, f"Nothing in “{scope.id}” can start: there is no start event.", "bpmn.no-start"
    for element in scope.elements.values():
        yield from _place_findings(element, scope, starts)
    for item in scope.data:
        if item.variable in ALWAYS_THERE:
            yield (
                None,
                f"“{item.variable}” is always there and cannot be a data object.",
                "bpmn.reserved-name",
            )


def _place_findings(element: Element, scope: Scope, starts: frozenset[str]) -> Iterator[Finding]:
    """What is wrong with an element where it stands."""
    if element.kind == "startEvent":
        yield from _start_findings(element, starts)
    starts_process = starts is START_IN_PROCESS and (element.kind == "startEvent" or element.instantiate)
    yield from misused_option(element, starts_process)
    if element.instantiate:
        yield from _instantiating_findings(element, starts)
    if element.for_compensation and (element.incoming or element.outgoing):
        yield element, "An activity for compensation has no flows in or out.", "bpmn.compensation"
    yield from _flow_findings(element, scope)
    yield from _attachment_findings(element, scope)
    yield from _link_findings(element, scope)
    if element.scope is not None:
        yield from _cancel_findings(element.scope, element, scope)


def _start_findings(element: Element, starts: frozenset[str]) -> Iterator[Finding]:
    if starts is START_IN_PROCESS and "correlation" in element.options:
        yield element, "A message that starts a process has no correlation.", "bpmn.unknown-option"
    if starts is START_IN_PROCESS and _awaits_all(element) and _asks(element):
        yield element, JOINED_CONDITION, "bpmn.start"
    for event in element.events:
        if event.kind not in starts:
            yield element, f"A start event of kind “{event.kind}” is not executed here.", "bpmn.start"
    if not element.events and "none" not in starts:
        yield element, "A start event of kind “none” is not executed here.", "bpmn.start"
    if element.incoming:
        yield element, "A start event cannot have incoming flows.", "bpmn.start"


def _awaits_all(element: Element) -> bool:
    return element.parallel_multiple and len(element.events) > 1


def _asks(element: Element) -> bool:
    return any(event.kind == "conditional" for event in element.events)


def _instantiating_findings(element: Element, starts: frozenset[str]) -> Iterator[Finding]:
    if "correlation" in element.options:
        yield element, "A message that starts a process has no correlation.", "bpmn.unknown-option"
    if starts is not START_IN_PROCESS:
        yield element, "Only at the beginning of a process can it be started by this.", "bpmn.start"
    if element.incoming:
        yield element, "What starts a process cannot have incoming flows.", "bpmn.start"


def _link_findings(element: Element, scope: Scope) -> Iterator[Finding]:
    for event in element.events:
        if event.kind != "link":
            continue
        if len(element.events) > 1:
            yield element, "A link cannot be one of several events.", "bpmn.link"
        catching = [e for e in scope.elements.values() if _is_link(e, event.name, "intermediateCatchEvent")]
        if element.kind == "intermediateThrowEvent" and (len(catching) != 1 or element.outgoing):
            reason = f"The link “{event.name}” needs just one catching event in its scope, and no flow out."
            yield element, reason, "bpmn.link"
        if element.kind == "intermediateCatchEvent" and (len(catching) != 1 or element.incoming):
            reason = f"The link “{event.name}” can be caught in one place only, and no flow leads there."
            yield element, reason, "bpmn.link"


def _is_link(element: Element, name: str | None, kind: str) -> bool:
    return element.kind == kind and element.event.kind == "link" and element.event.name == name


def _cancel_findings(scope: Scope, owner: Element | None, outside: Scope | None) -> Iterator[Finding]:
    """Only a transaction can be cancelled, and only if an event says where that leads (§10.3.5.2)."""
    for element in scope.elements.values():
        if all(event.kind != "cancel" for event in element.events):
            continue
        host = scope.elements.get(element.attached_to or "")
        if host is not None and host.kind != "transaction":
            yield element, "Only a transaction can be cancelled.", "bpmn.cancel"
        if element.kind == "endEvent" and (owner is None or owner.kind != "transaction"):
            yield element, "A cancel end event belongs into a transaction.", "bpmn.cancel"
        elif element.kind == "endEvent" and owner is not None and not _leads_on(owner, outside):
            yield owner, "The transaction is cancelled, but has no boundary event for that.", "bpmn.cancel"


def _leads_on(transaction: Element, outside: Scope | None) -> bool:
    beside = [] if outside is None else list(outside.elements.values())
    return any(e.attached_to == transaction.id and any(d.kind == "cancel" for d in e.events) for e in beside)


def _ad_hoc_findings(element: Element, scope: Scope) -> Iterator[Finding]:
    if not scope.elements:
        yield element, "An ad-hoc sub-process needs activities.", "bpmn.ad-hoc"
    if any(e.kind in ("startEvent", "endEvent") for e in scope.elements.values()):
        yield element, "An ad-hoc sub-process has neither start nor end events.", "bpmn.ad-hoc"
    chosen = element.options.get("activities")
    if chosen is not None and not chosen.startswith("="):
        yield element, "planflow:activities is an expression, which begins with “=”.", "bpmn.expression"


def _flow_findings(element: Element, scope: Scope) -> Iterator[Finding]:
    if element.kind == "endEvent" and element.outgoing:
        yield element, "An end event cannot have outgoing flows.", "bpmn.end"
    if element.default is not None and element.default not in element.outgoing:
        yield element, f"The default flow “{element.default}” does not leave this element.", "bpmn.default"
    if element.kind in ("parallelGateway", "eventBasedGateway") and any(
        scope.flows[f].condition for f in element.outgoing
    ):
        yield element, "Flows out of this gateway cannot have conditions.", "bpmn.condition"
    if element.kind in EVENTS and any(scope.flows[f].condition for f in element.outgoing):
        yield element, "Flows out of an event cannot have conditions.", "bpmn.condition"
    if element.kind in ("exclusiveGateway", "inclusiveGateway") and len(element.outgoing) > 1:
        for flow_id in element.outgoing:
            if scope.flows[flow_id].condition is None and flow_id != element.default:
                yield (
                    element,
                    f"The flow “{flow_id}” has no condition and is not the default.",
                    "bpmn.condition",
                )
    if element.kind == "eventBasedGateway":
        yield from _event_gateway_findings(element, scope)


def _event_gateway_findings(element: Element, scope: Scope) -> Iterator[Finding]:
    if not element.outgoing:
        yield element, "An event-based gateway needs events to wait for.", "bpmn.event-gateway"
    if element.parallel_events and not element.instantiate:
        yield (
            element,
            "Only a gateway that starts the process can wait for all its events.",
            "bpmn.event-gateway",
        )
    yield from _mixed_findings(element, scope)
    for flow_id in element.outgoing:
        target = scope.elements.get(scope.flows[flow_id].target)
        if target is None or target.kind not in AFTER_EVENT_GATEWAY or target.event.kind == "none":
            yield (
                element,
                "Only catching events and receive tasks may follow this gateway.",
                "bpmn.event-gateway",
            )
        elif element.instantiate and (element.parallel_events or _awaits_all(target)) and _asks(target):
            yield target, JOINED_CONDITION, "bpmn.event-gateway"
        elif len(target.incoming) > 1:
            yield target, "Only the event-based gateway may lead here.", "bpmn.event-gateway"
        elif target.repeats or any(e.attached_to == target.id for e in scope.elements.values()):
            yield (
                target,
                "Behind an event-based gateway a task cannot be repeated or carry boundary events.",
                "bpmn.event-gateway",
            )


def _mixed_findings(element: Element, scope: Scope) -> Iterator[Finding]:
    """Messages are waited for by events or by receive tasks, not by both (§10.6.6)."""
    targets = [scope.elements.get(scope.flows[flow].target) for flow in element.outgoing]
    kinds = {t.kind for t in targets if t is not None and t.event.kind == "message"}
    if len(kinds) > 1:
        reason = "Behind it messages are waited for by events or by receive tasks, not by both."
        yield element, reason, "bpmn.event-gateway"


def _attachment_findings(element: Element, scope: Scope) -> Iterator[Finding]:
    if element.kind != "boundaryEvent":
        return
    host = scope.elements.get(element.attached_to or "")
    if host is None or host.kind not in ACTIVITIES:
        yield element, "The boundary event is not attached to an activity of its scope.", "bpmn.boundary"
    elif host.triggered_by_event:
        yield element, "An event sub-process has no boundary events.", "bpmn.boundary"
    if not element.events:
        yield element, "A boundary event needs an event definition.", "bpmn.boundary"
    if element.incoming:
        yield element, "A boundary event cannot have incoming flows.", "bpmn.boundary"
    for event in element.events:
        if event.kind in ALWAYS_INTERRUPTS and not element.interrupting:
            yield (
                element,
                f"“{event.kind}” always interrupts: cancelActivity cannot be false.",
                "bpmn.boundary",
            )
        if event.kind == "compensation":
            yield from _compensation_findings(element, scope)


def _compensation_findings(element: Element, scope: Scope) -> Iterator[Finding]:
    """A compensation boundary event leads to its activity along an association, and nowhere else (§10.7.1)."""
    handler = scope.elements.get(element.compensated_by or "")
    if len(element.events) > 1 or element.outgoing:
        yield element, "A compensation event stands alone and has no flow out.", "bpmn.compensation"
    if handler is None or not handler.for_compensation:
        reason = "An association must lead to the activity (isForCompensation) that compensates."
        yield element, reason, "bpmn.compensation"


def _event_sub_process_findings(element: Element) -> Iterator[Finding]:
    starts = [e for e in (element.scope.elements.values() if element.scope else ()) if e.kind == "startEvent"]
    if len(starts) != 1:
        yield element, "An event sub-process needs exactly one start event.", "bpmn.event-sub-process"
    if element.incoming or element.outgoing:
        yield element, "An event sub-process cannot have flows in or out.", "bpmn.event-sub-process"
    for start in starts:
        if "uniqueBusinessKey" in start.options:
            reason = "planflow:uniqueBusinessKey belongs to a message that starts a process."
            yield start, reason, "bpmn.unknown-option"
        if any(event.kind == "error" for event in start.events) and not start.interrupting:
            yield (
                start,
                "An error always interrupts: isInterrupting cannot be false.",
                "bpmn.event-sub-process",
            )
        if len(start.events) > 1 and any(event.kind == "compensation" for event in start.events):
            yield start, "A compensation event stands alone.", "bpmn.compensation"


def _complex_gateway_findings(element: Element) -> Iterator[Finding]:
    joins = len(element.incoming) > 1
    if joins and not element.activation_condition:
        yield element, "A complex gateway that joins needs an activationCondition.", "bpmn.condition"
    if element.activation_condition and not joins:
        yield element, "An activationCondition is asked only where several flows come in.", "bpmn.condition"


def _element_findings(element: Element) -> Iterator[Finding]:
    for event in element.events:
        yield from _event_findings(element, event)
    yield from event_findings(element)
    if element.kind == "intermediateCatchEvent" and not element.events:
        yield element, "A catching event needs something to wait for.", "bpmn.event"
    if element.parallel_multiple and any(e.kind in ("error", "escalation", "cancel") for e in element.events):
        yield element, "What is thrown inside cannot be waited for together with others.", "bpmn.event"
    if element.start_quantity < 1 or element.completion_quantity < 1:
        yield element, "A quantity of tokens is a whole number from 1 on.", "bpmn.quantity"
    if element.kind == "complexGateway":
        yield from _complex_gateway_findings(element)
    yield from _data_findings(element)
    if element.kind == "scriptTask" and not element.script:
        yield element, "The script task has no script.", "bpmn.script"
    if element.kind == "serviceTask" and not element.options.get("operation"):
        yield element, "The service task names no planflow:operation.", "bpmn.operation"
    if element.kind == "businessRuleTask" and not element.options.get("decision"):
        yield element, "The business rule task names no planflow:decision.", "bpmn.decision"
    if element.kind == "callActivity" and not element.called:
        yield element, "The call activity names no calledElement.", "bpmn.called-element"
    yield from _extension_findings(element)
    yield from _loop_findings(element)
    yield from _outcome_findings(element)


def _event_findings(element: Element, event: Event) -> Iterator[Finding]:
    if event.kind in ("message", "signal") and not event.name:
        yield element, f"The event or task refers to no named {event.kind}.", f"bpmn.{event.kind}"
    if event.kind == "timer" and (event.timer is None or not event.timer.text):
        yield element, "The timer says neither date, nor duration, nor cycle.", "bpmn.timer"
    if event.kind == "conditional" and not event.condition:
        yield element, "The conditional event has no condition.", "bpmn.condition"
    if event.kind == "link" and not event.name:
        yield element, "The link has no name.", "bpmn.link"
    if element.kind == "endEvent" and event.kind == "error" and not event.code:
        yield element, "The error that is thrown has no errorCode.", "bpmn.error"


def _data_findings(element: Element) -> Iterator[Finding]:
    data = element.data
    for association in (*data.reads, *data.writes):
        if association.target is None:
            yield element, "A data association leads nowhere.", "bpmn.data"
        if any(not (a.path and a.value) for a in association.assignments):
            yield element, "An assignment needs “from”, and “to” as a name with keys behind it.", "bpmn.data"
        if len(association.sources) > 1 and not (association.transformation or association.assignments):
            yield element, "Several sources need a transformation.", "bpmn.data"
        for place in filter(None, (*association.sources, association.target)):
            if place.capacity is not None and place.capacity < 1:
                reason = f"The capacity of the store “{place.name}” is a whole number from 1 on."
                yield element, reason, "bpmn.data"
    for item in (*data.properties, *data.inputs, *data.outputs):
        if item.variable in ALWAYS_THERE:
            yield (
                element,
                f"“{item.variable}” is always there and cannot be a variable.",
                "bpmn.reserved-name",
            )


def _extension_findings(element: Element) -> Iterator[Finding]:
    for mapped, what in ((element.inputs, "input"), (element.outputs, "output"), (element.facts, "fact")):
        names = [m.name for m in mapped]
        if "" in names or len(set(names)) < len(names):
            yield element, f"Each planflow:{what} needs a name of its own.", "bpmn.mapping"
    correlation = element.options.get("correlation")
    if correlation is not None and all(event.kind != "message" for event in element.events):
        yield element, "planflow:correlation belongs to messages.", "bpmn.unknown-option"
    if correlation is not None and not correlation.startswith("="):
        yield element, "planflow:correlation is an expression, which begins with “=”.", "bpmn.expression"
    unique = element.options.get("uniqueBusinessKey")
    if unique not in (None, "true", "false"):
        yield element, "planflow:uniqueBusinessKey is “true” or “false”.", "bpmn.unknown-option"
    starts = element.kind == "startEvent" or element.instantiate
    if unique is not None and not (starts and any(event.kind == "message" for event in element.events)):
        reason = "planflow:uniqueBusinessKey belongs to a message that starts a process."
        yield element, reason, "bpmn.unknown-option"
    for name in _variables_written(element):
        if name in ALWAYS_THERE:
            yield element, f"“{name}” is always there and cannot be a variable.", "bpmn.reserved-name"


def _variables_written(element: Element) -> Iterator[str]:
    """Names of variables that the file itself gives, in an element or for the process that it calls."""
    yield from (m.name for m in element.outputs)
    if element.kind == "callActivity":
        yield from (m.name for m in element.inputs)
    for option in ("resultVariable", "outcomeVariable", "commentVariable", "performerVariable"):
        yield element.options.get(option, "")
    if element.multi_instance is not None:
        yield element.multi_instance.element_variable or ""
        yield element.multi_instance.output_collection or ""


def _loop_findings(element: Element) -> Iterator[Finding]:
    loop = element.multi_instance
    if element.repeats and element.triggered_by_event:
        yield element, "An event sub-process cannot be repeated.", "bpmn.multi-instance"
    if element.loop is not None and element.loop.maximum is not None and element.loop.maximum < 1:
        yield element, "loopMaximum is a whole number from 1 on.", "bpmn.loop"
    if element.loop is not None and element.loop.maximum is None and element.loop.condition is None:
        yield element, "A loop needs a loopCondition or a loopMaximum.", "bpmn.loop"
    if loop is None:
        return
    if (loop.collection is None) == (loop.cardinality is None):
        yield element, "Multi-instance needs either a collection or a loopCardinality.", "bpmn.multi-instance"
    if (loop.output_collection is None) != (loop.output_element is None):
        yield element, "outputCollection and outputElement go together.", "bpmn.multi-instance"
    for behavior in loop.behaviors:
        yield from _event_findings(element, behavior.event)
    if loop.collection is not None and not loop.collection.startswith("="):
        yield element, "planflow:collection is an expression, which begins with “=”.", "bpmn.expression"


def _outcome_findings(element: Element) -> Iterator[Finding]:
    ids = [o.id for o in element.outcomes]
    if len(set(ids)) != len(ids) or "" in ids:
        yield element, "Each outcome needs an id of its own.", "bpmn.outcome"
    for outcome in element.outcomes:
        if outcome.kind not in ("positive", "negative", "neutral"):
            yield element, f"“{outcome.kind}” is not a kind of outcome.", "bpmn.outcome"
        if outcome.comment not in ("optional", "required", "none"):
            yield element, f"“{outcome.comment}” is not a rule for comments.", "bpmn.outcome"
