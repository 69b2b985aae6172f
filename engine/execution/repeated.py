"""Which data of a repeated activity belong to the whole, and which to each repetition (BPMN 2.0.2 §10.3.8).

Of a multi-instance activity, the collections that it goes through and gathers belong to the whole, with everything
that is the same for all of its instances; what comes from the item of an instance, and what an instance gives, belong
to the instance. Each round of a standard loop has all of the data anew.
"""

from __future__ import annotations

from dataclasses import replace

from engine.bpmn.model import NO_DATA, Data, DataAssociation, Element


def of_each(element: Element) -> Data:
    """The data of a token of the element itself."""
    return element.data if element.multi_instance is None else _of_instance(element)


def of_frame(element: Element) -> Data:
    """The data of the frame around its repetitions."""
    if element.multi_instance is None:
        return NO_DATA
    data, each = element.data, _of_instance(element)
    inputs = tuple(item for item in data.inputs if item not in each.inputs)
    outputs = tuple(item for item in data.outputs if item not in each.outputs)
    return replace(
        data,
        inputs=inputs,
        outputs=outputs,
        input_sets=_within(data.input_sets, {item.variable for item in inputs}),
        output_sets=_within(data.output_sets, {item.variable for item in outputs}),
        reads=tuple(read for read in data.reads if read not in each.reads),
        writes=tuple(write for write in data.writes if write not in each.writes),
    )


def _of_instance(element: Element) -> Data:
    data, loop = element.data, element.multi_instance
    gathered = None if loop is None else loop.output_collection
    reads = tuple(read for read in data.reads if any(source.item for source in read.sources))
    outputs = tuple(item for item in data.outputs if item.variable != gathered)
    names = {item.variable for item in outputs}
    fed = {read.target.name for read in reads if read.target is not None}
    return Data(
        inputs=tuple(item for item in data.inputs if item.variable in fed),
        outputs=outputs,
        output_sets=_within(data.output_sets, names),
        reads=reads,
        writes=tuple(write for write in data.writes if _from_instance(write, names)),
    )


def _from_instance(write: DataAssociation, outputs: set[str]) -> bool:
    """Whether an association carries what an instance gives."""
    to_item = write.target is not None and write.target.item
    return to_item or any(source.name in outputs for source in write.sources)


def _within(sets: tuple[tuple[str, ...], ...], names: set[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(name for name in each if name in names) for each in sets)
