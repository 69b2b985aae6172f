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
