"""Short ways to write BPMN in tests."""

from __future__ import annotations

from itertools import pairwise

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:planflow="urn:planflow:bpmn" id="definitions" targetNamespace="urn:test">'
)


def flow(source: str, target: str, condition: str | None = None) -> str:
    """A sequence flow with the id ``source_target``."""
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return (
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        f"{inside}</bpmn:sequenceFlow>"
    )


def way(*ids: str) -> str:
    """Sequence flows from each to the next."""
    return "".join(flow(a, b) for a, b in pairwise(ids))


def node(kind: str, element: str, inside: str = "", **attributes: str) -> str:
    """A flow node; attributes with ``planflow_`` in front become ``planflow:`` options."""
    written = "".join(f' {k.replace("planflow_", "planflow:")}="{v}"' for k, v in attributes.items())
    return f'<bpmn:{kind} id="{element}" name="{element}"{written}>{inside}</bpmn:{kind}>'


def script(element: str, source: str) -> str:
    return node("scriptTask", element, f"<bpmn:script>{source}</bpmn:script>", scriptFormat="starlark")


def timer(kind: str, text: str) -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def bpmn(body: str, key: str = "p", definitions: str = "", **attributes: str) -> bytes:
    """A file with one executable process."""
    written = "".join(f' {k.replace("planflow_", "planflow:")}="{v}"' for k, v in attributes.items())
    return (
        f'{HEAD}{definitions}<bpmn:process id="{key}" isExecutable="true"{written}>{body}</bpmn:process>'
        "</bpmn:definitions>"
    ).encode()


def root(kind: str, name: str, **attributes: str) -> str:
    """What stands beside the processes of a file: a message, signal, error or escalation with its name as id."""
    written = "".join(f' {k}="{v}"' for k, v in attributes.items())
    return f'<bpmn:{kind} id="{name}" name="{name}"{written}/>'


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="{name}"/>'


def signal(name: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="{name}"/>'


def error(name: str) -> str:
    return f'<bpmn:errorEventDefinition errorRef="{name}"/>'


def escalation(name: str) -> str:
    return f'<bpmn:escalationEventDefinition escalationRef="{name}"/>'


def conditional(condition: str) -> str:
    return (
        f"<bpmn:conditionalEventDefinition><bpmn:condition>{condition}</bpmn:condition>"
        "</bpmn:conditionalEventDefinition>"
    )


def link(name: str) -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def compensate(activity: str | None = None, waits: bool = True) -> str:
    which = f' activityRef="{activity}"' if activity else ""
    return f'<bpmn:compensateEventDefinition{which} waitForCompletion="{str(waits).lower()}"/>'


CANCEL, TERMINATE = "<bpmn:cancelEventDefinition/>", "<bpmn:terminateEventDefinition/>"


def mapped(**values: str) -> str:
    """Extension elements with inputs (``in_name``) and outputs (``out_name``)."""
    groups = {"input": "", "output": ""}
    for name, value in values.items():
        kind, _, own = name.partition("_")
        groups[f"{kind}put"] += f'<planflow:{kind}put name="{own}" value="{value}"/>'
    inside = "".join(f"<planflow:{kind}s>{text}</planflow:{kind}s>" for kind, text in groups.items() if text)
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def catch(element: str, *definitions: str, **attributes: str) -> str:
    return node("intermediateCatchEvent", element, "".join(definitions), **attributes)


def throw(element: str, *definitions: str) -> str:
    return node("intermediateThrowEvent", element, "".join(definitions))


def end(element: str, *definitions: str) -> str:
    return node("endEvent", element, "".join(definitions))


def boundary(element: str, host: str, *definitions: str, interrupting: bool = True, **attributes: str) -> str:
    cancels = str(interrupting).lower()
    inside = "".join(definitions)
    return node("boundaryEvent", element, inside, attachedToRef=host, cancelActivity=cancels, **attributes)


def handled_by(host: str, handler: str) -> str:
    """A compensation boundary event on ``host`` with an association to the activity that compensates."""
    event = f"undo_{host}"
    association = f'<bpmn:association id="{event}_to" sourceRef="{event}" targetRef="{handler}"/>'
    return node("boundaryEvent", event, compensate(), attachedToRef=host) + association


def event_sub_process(
    element: str, definitions: str, inside: str, interrupting: bool = True, **attributes: str
) -> str:
    """An event sub-process whose start event has the id ``<element>_s``."""
    interrupts = str(interrupting).lower()
    start = node("startEvent", f"{element}_s", definitions, isInterrupting=interrupts, **attributes)
    return node("subProcess", element, start + inside, triggeredByEvent="true")


def with_process(file: bytes, key: str, body: str) -> bytes:
    """The file with another executable process beside the first."""
    more = f'<bpmn:process id="{key}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    return file.replace(b"</bpmn:definitions>", more.encode())


def read_from(source: str, target: str, inside: str = "") -> str:
    """A data input association; ``source`` may be several ids, apart by spaces."""
    sources = "".join(f"<bpmn:sourceRef>{each}</bpmn:sourceRef>" for each in source.split())
    target = f"<bpmn:targetRef>{target}</bpmn:targetRef>"
    return f"<bpmn:dataInputAssociation>{sources}{target}{inside}</bpmn:dataInputAssociation>"


def write_to(target: str, source: str = "", inside: str = "") -> str:
    """A data output association."""
    sources = "".join(f"<bpmn:sourceRef>{each}</bpmn:sourceRef>" for each in source.split())
    target = f"<bpmn:targetRef>{target}</bpmn:targetRef>"
    return f"<bpmn:dataOutputAssociation>{sources}{target}{inside}</bpmn:dataOutputAssociation>"


def takes(*names: str, gives: str = "", optional: str = "") -> str:
    """An I/O specification: inputs, outputs and optional ones of either; all others are needed, in one set.

    Each is a variable of its name, and has that as id with the suffix ``_in`` or ``_out``.
    """
    outputs, left_out = gives.split(), optional.split()
    items = "".join(f'<bpmn:dataInput id="{n}_in" name="{n}"/>' for n in names)
    items += "".join(f'<bpmn:dataOutput id="{n}_out" name="{n}"/>' for n in outputs)
    needs = "".join(f"<bpmn:dataInputRefs>{n}_in</bpmn:dataInputRefs>" for n in names)
    needs += "".join(
        f"<bpmn:optionalInputRefs>{n}_in</bpmn:optionalInputRefs>" for n in names if n in left_out
    )
    must = "".join(f"<bpmn:dataOutputRefs>{n}_out</bpmn:dataOutputRefs>" for n in outputs)
    must += "".join(
        f"<bpmn:optionalOutputRefs>{n}_out</bpmn:optionalOutputRefs>" for n in outputs if n in left_out
    )
    sets = f"<bpmn:inputSet>{needs}</bpmn:inputSet><bpmn:outputSet>{must}</bpmn:outputSet>"
    return f"<bpmn:ioSpecification>{items}{sets}</bpmn:ioSpecification>"


def assign(value: str, path: str) -> str:
    """An assignment of a data association."""
    return f"<bpmn:assignment><bpmn:from>{value}</bpmn:from><bpmn:to>{path}</bpmn:to></bpmn:assignment>"


def loop(condition: str = "", **attributes: str) -> str:
    """A standard loop."""
    written = "".join(f' {k}="{v}"' for k, v in attributes.items())
    asked = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return f"<bpmn:standardLoopCharacteristics{written}>{asked}</bpmn:standardLoopCharacteristics>"


def many(inside: str = "", **attributes: str) -> str:
    """Multi-instance; attributes with ``planflow_`` in front become ``planflow:`` options."""
    written = "".join(f' {k.replace("planflow_", "planflow:")}="{v}"' for k, v in attributes.items())
    return f"<bpmn:multiInstanceLoopCharacteristics{written}>{inside}</bpmn:multiInstanceLoopCharacteristics>"


def in_and_out(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """``planflow:inputs`` and ``planflow:outputs`` by name."""
    into = "".join(f'<planflow:input name="{k}" value="{v}"/>' for k, v in (inputs or {}).items())
    out = "".join(f'<planflow:output name="{k}" value="{v}"/>' for k, v in (outputs or {}).items())
    inside = (f"<planflow:inputs>{into}</planflow:inputs>" if into else "") + (
        f"<planflow:outputs>{out}</planflow:outputs>" if out else ""
    )
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"
