"""Data: objects, stores, properties, inputs and outputs, and the associations between them (BPMN 2.0.2 §10.4)."""

from __future__ import annotations

import re

from lxml import etree

from engine.bpmn.model import Data, DataAssignment, DataAssociation, DataItem, DataPlace
from engine.bpmn.reading import nodes
from engine.bpmn.reading.references import References
from engine.bpmn.support import local_id

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def variable_name(node: etree._Element) -> str:
    """The variable that an item is: its name where that can be one in an expression, and otherwise its id."""
    name = (node.get("name") or "").strip()
    return name if _VARIABLE.fullmatch(name) else str(node.get("id"))


def objects_of(scope: etree._Element) -> tuple[DataItem, ...]:
    """The data objects and properties of a process or sub-process, and what a process takes and gives.

    A data object reference without a data object, as some editors draw it, stands for one of its own.
    """
    objects = [_item(node) for node in nodes.children(scope, "dataObject", "property")]
    loose = [n for n in nodes.children(scope, "dataObjectReference") if not n.get("dataObjectRef")]
    own = nodes.child(scope, "ioSpecification") if nodes.local(scope) == "process" else None
    handed = () if own is None else nodes.children(own, "dataInput", "dataOutput")
    return tuple(objects + [_item(node) for node in (*loose, *handed)])


def data_of(node: etree._Element, references: References) -> Data:
    """The data of a flow node. Events hold their inputs and outputs themselves, activities in an ioSpecification."""
    own = nodes.child(node, "ioSpecification")
    holder = node if own is None else own
    optional = {
        local_id(o.text)
        for s in nodes.children(holder, "inputSet")
        for o in nodes.children(s, "optionalInputRefs")
    }
    inputs = tuple(_item(n, n.get("id") in optional) for n in nodes.children(holder, "dataInput"))
    outputs = tuple(map(_item, nodes.children(holder, "dataOutput")))
    return Data(
        properties=()
        if nodes.local(node) == "process"
        else tuple(map(_item, nodes.children(node, "property"))),
        inputs=inputs,
        outputs=outputs,
        input_sets=_sets(holder, inputs, "inputSet", "dataInputRefs", "optionalInputRefs"),
        output_sets=_sets(holder, outputs, "outputSet", "dataOutputRefs", "optionalOutputRefs"),
        reads=tuple(_association(n, references) for n in nodes.children(node, "dataInputAssociation")),
        writes=tuple(_association(n, references) for n in nodes.children(node, "dataOutputAssociation")),
    )


def _item(node: etree._Element, optional: bool = False) -> DataItem:
    return DataItem(str(node.get("id")), variable_name(node), nodes.flag(node, "isCollection"), optional)


def _sets(
    holder: etree._Element, items: tuple[DataItem, ...], kind: str, refs: str, optional_refs: str
) -> tuple[tuple[str, ...], ...]:
    """What each input or output set needs, by the names of the variables."""
    names = {item.id: item.variable for item in items}
    found = []
    for each in nodes.children(holder, kind):
        optional = {local_id(n.text) for n in nodes.children(each, optional_refs)}
        needed = [local_id(n.text) for n in nodes.children(each, refs)]
        found.append(tuple(names[n] for n in needed if n in names and n not in optional))
    return tuple(found)


def _association(node: etree._Element, references: References) -> DataAssociation:
    target = references.find(nodes.text_in(node, "targetRef"))
    sources = (references.find(source.text) for source in nodes.children(node, "sourceRef"))
    return DataAssociation(
        sources=tuple(place_of(source, references) for source in sources if source is not None),
        target=None if target is None else place_of(target, references),
        transformation=nodes.expression_in(node, "transformation"),
        assignments=tuple(map(_assignment, nodes.children(node, "assignment"))),
    )


def place_of(node: etree._Element, references: References) -> DataPlace:
    """Where the item that an association names lies. A reference leads to what it refers to."""
    kind = nodes.local(node)
    if kind == "dataStoreReference":
        store = references.find(node.get("dataStoreRef"))
        owner = node if store is None else store
        return DataPlace(owner.get("name") or str(owner.get("id")), store=True)
    referred = references.find(node.get("dataObjectRef"))
    owner = node if referred is None else referred
    return DataPlace(variable_name(owner), state=_state(node) or _state(owner))


def _state(node: etree._Element) -> str | None:
    state = nodes.child(node, "dataState")
    return None if state is None else state.get("name")


def _assignment(node: etree._Element) -> DataAssignment:
    path = (nodes.text_in(node, "to") or "").removeprefix("=").strip()
    return DataAssignment(nodes.expression_in(node, "from") or "", _path(path))


def _path(written: str) -> tuple[str, ...]:
    """``order``, ``order.total`` or ``order["total"]`` as names; empty when it is none of these."""
    parts = re.sub(r"\[\s*(['\"])(.*?)\1\s*\]", r".\2", written).split(".")
    return tuple(parts) if _VARIABLE.fullmatch(parts[0]) and all(parts) else ()
