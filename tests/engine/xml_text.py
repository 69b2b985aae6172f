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


def mapped(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    """``planflow:inputs`` and ``planflow:outputs`` by name."""
    into = "".join(f'<planflow:input name="{k}" value="{v}"/>' for k, v in (inputs or {}).items())
    out = "".join(f'<planflow:output name="{k}" value="{v}"/>' for k, v in (outputs or {}).items())
    inside = (f"<planflow:inputs>{into}</planflow:inputs>" if into else "") + (
        f"<planflow:outputs>{out}</planflow:outputs>" if out else ""
    )
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"
