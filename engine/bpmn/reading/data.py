"""Data: objects, stores, properties, inputs and outputs, and the associations between them (BPMN 2.0.2 §10.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from engine.bpmn.model import Data, DataAssignment, DataAssociation, DataItem, DataPlace
from engine.bpmn.reading import nodes
from engine.bpmn.reading.references import References
from engine.bpmn.support import BPMN, local_id

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset(
    (
        "and",
        "break",
        "continue",
        "def",
        "elif",
        "else",
        "for",
        "if",
        "in",
        "lambda",
        "load",
        "not",
        "or",
        "pass",
        "return",
    )
)
"""Names that mean something else in an expression."""


def variable_name(node: etree._Element) -> str:
    """The variable that an item is: its name where that can be one in an expression, and otherwise its id.

    Editors write the name of a data object at the references to it.
    """
    names = (given for each in (node, *_references_to(node)) if (given := (each.get("name") or "").strip()))
    return next(filter(_VARIABLE.fullmatch, names), str(node.get("id")))


def read_variable(name: str) -> str:
    """An expression that reads a variable, whatever its name."""
    plain = _VARIABLE.fullmatch(name) and name not in _WORDS
    return name if plain else f'var("{name}")'


def _references_to(node: etree._Element) -> Iterator[etree._Element]:
    if nodes.local(node) == "dataObject":
        for reference in node.getroottree().iter(f"{{{BPMN}}}dataObjectReference"):
            if local_id(reference.get("dataObjectRef")) == node.get("id"):
                yield reference


def objects_of(scope: etree._Element) -> tuple[DataItem, ...]:
    """The data objects of a process or sub-process; the properties, inputs and outputs of a process as well.

    A data object reference without a data object, as some editors draw it, stands for one of its own.
    """
    items = list(nodes.children(scope, "dataObject"))
    if nodes.local(scope) == "process":
        items += [*nodes.children(scope, "property"), *given_and_taken(scope)]
    items += [n for n in nodes.children(scope, "dataObjectReference") if not n.get("dataObjectRef")]
    return tuple({item.variable: item for item in map(item_of, items)}.values())


def stores_of(process: etree._Element, references: References) -> frozenset[str]:
    """The names of the data stores that a process refers to."""
    return frozenset(
        place_of(node, references).name for node in nodes.children(process, "dataStoreReference")
    )


def given_and_taken(callable_: etree._Element) -> list[etree._Element]:
    """The inputs and outputs of a process or global task (BPMN 2.0.2 §10.4.1)."""
    own = nodes.child(callable_, "ioSpecification")
    return [] if own is None else list(nodes.children(own, "dataInput", "dataOutput"))


def data_of(node: etree._Element, references: References) -> Data:
    """The data of a flow node. Events hold their inputs and outputs themselves, activities in an ioSpecification."""
    own = nodes.child(node, "ioSpecification")
    holder = node if own is None else own
    inputs = tuple(map(item_of, nodes.children(holder, "dataInput")))
    outputs = tuple(map(item_of, nodes.children(holder, "dataOutput")))
    properties = () if nodes.local(node) == "process" else nodes.children(node, "property")
    return Data(
        properties=tuple(map(item_of, properties)),
        inputs=inputs,
        outputs=outputs,
        input_sets=_sets(holder, "input", inputs),
        output_sets=_sets(holder, "output", outputs),
        reads=tuple(_association(n, references) for n in nodes.children(node, "dataInputAssociation")),
        writes=tuple(_association(n, references) for n in nodes.children(node, "dataOutputAssociation")),
    )


def item_of(node: etree._Element) -> DataItem:
    """An item with the state that it begins in, if references to it speak of states."""
    state = _state_of(node)
    stateful = state is not None or any(_state_of(each) for each in _references_to(node))
    return DataItem(
        str(node.get("id")), variable_name(node), nodes.flag(node, "isCollection"), stateful, state
    )


def _state_of(node: etree._Element) -> str | None:
    state = nodes.child(node, "dataState")
    return None if state is None else state.get("name")


def _sets(holder: etree._Element, kind: str, items: tuple[DataItem, ...]) -> tuple[tuple[str, ...], ...]:
    """The variables that each input or output set needs; the optional ones of a set are not needed."""
    names = {item.id: item.variable for item in items}
    found = []
    for each in nodes.children(holder, f"{kind}Set"):
        optional = {local_id(n.text) for n in nodes.children(each, f"optional{kind.title()}Refs")}
        needed = [local_id(n.text) for n in nodes.children(each, f"data{kind.title()}Refs")]
        found.append(tuple(names[n] for n in needed if n in names and n not in optional))
    return tuple(found)


def _association(node: etree._Element, references: References) -> DataAssociation:
    written = nodes.text_in(node, "targetRef")
    found = references.find(written)
    target = None if found is None else place_of(found, references)
    sources = (references.find(source.text) for source in nodes.children(node, "sourceRef"))
    return DataAssociation(
        sources=tuple(place_of(source, references) for source in sources if source is not None),
        target=target,
        transformation=nodes.expression_in(node, "transformation"),
        assignments=tuple(_assignment(each, written, target) for each in nodes.children(node, "assignment")),
    )


def place_of(node: etree._Element, references: References) -> DataPlace:
    """Where the item that an association names lies. A reference leads to what it refers to."""
    kind, state = nodes.local(node), _state_of(node)
    if kind == "dataStoreReference":
        store = references.find(node.get("dataStoreRef"))
        owner = node if store is None else store
        name = owner.get("name") or str(owner.get("id"))
        return DataPlace(name, store=True, state=state, capacity=_capacity(owner))
    referred = references.find(node.get("dataObjectRef"))
    item = kind in ("inputDataItem", "outputDataItem")
    return DataPlace(variable_name(node if referred is None else referred), state=state, item=item)


def _capacity(store: etree._Element) -> int | None:
    """How many items a store takes (BPMN 2.0.2 §10.4.1); -1 when it is limited without saying how much."""
    limited = not nodes.flag(store, "isUnlimited", default=store.get("capacity") is None)
    return nodes.whole_number(store.get("capacity"), -1) if limited else None


def _assignment(node: etree._Element, reference: str | None, target: DataPlace | None) -> DataAssignment:
    """``to`` may begin with the id of the target, which stands for its variable."""
    written = (nodes.text_in(node, "to") or "").removeprefix("=").strip()
    path = _path(written)
    if target is not None and path[:1] == (local_id(reference),):
        path = (target.name, *path[1:])
    return DataAssignment(nodes.expression_in(node, "from") or "", path)


def _path(written: str) -> tuple[str, ...]:
    """``order``, ``order.total`` or ``order["total"]`` as names; empty when it is none of these."""
    parts = re.sub(r"\[\s*(['\"])(.*?)\1\s*\]", r".\2", written).split(".")
    return tuple(parts) if _VARIABLE.fullmatch(parts[0]) and all(parts) else ()
