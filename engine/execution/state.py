"""The live state as JSON: only what is needed to go on, and no copy of the specs.

``{"v": 1, "n": next token, "d": [definition ids], "t": [[token, parent, definition, spec, state, data, internal]]}``
with short rows because every step writes them, and ``"a": [tokens]`` if some were to go on when a command had taken
its steps. The variables of the process scope are kept beside it, in a column
of their own, so that they can be read without restoring anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from engine.errors import Conflict
from engine.execution.host import Host
from engine.execution.live import LiveInstance
from engine.execution.token import Token
from engine.messages import translatable as _

VERSION = 1
"""The format that is written. One that this version does not know is not guessed at."""


class UnknownFormat(Conflict):
    """An instance was stored by a later version of the product. It can go on when the server is of that version."""

    code = "unknown_format"

    def __init__(self, found: object) -> None:
        super().__init__(
            _("This process was stored in format %(found)s, which this version of PlanFlow does not know."),
            found=found,
        )


def dump(live: LiveInstance) -> tuple[str, dict[str, Any]]:
    """The state and, apart from it, the variables of the process scope."""
    definitions: dict[int, int] = {}
    rows = []
    for task in live.tasks.values():
        index = definitions.setdefault(task.task_spec.process.definition_id, len(definitions))
        data = {} if task is live.task_tree else task.data
        rows.append(
            [task.id, task._parent or 0, index, task.task_spec.name, task.state, data, task.internal_data]
        )
    state = {"v": VERSION, "n": live.next_token, "d": list(definitions), "t": rows}
    if live.agenda:
        state["a"] = [task.id for task in live.agenda if live.tasks.get(task.id) is task]
    return _written(state), dict(live.task_tree.data)


def _written(state: dict[str, Any]) -> str:
    """As JSON. orjson is many times faster, but knows no whole numbers beyond 64 bits, which variables may be."""
    try:
        return orjson.dumps(state).decode()
    except orjson.JSONEncodeError:
        return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def restore(
    state: str, variables: Mapping[str, Any], host: Host, constants: Mapping[str, Any], interactive: bool
) -> LiveInstance:
    """The instance as it was dumped. What was still to be done when it was dumped is on its agenda.

    Raises UnknownFormat for what another version has written.
    """
    stored = json.loads(state)
    if stored["v"] != VERSION:
        raise UnknownFormat(stored["v"])
    specs = [host.spec(definition) for definition in stored["d"]]
    live = LiveInstance(specs[0], host, constants, interactive)
    live.next_token = stored["n"]
    for token, parent, definition, name, task_state, data, internal in stored["t"]:
        spec = specs[definition].task_specs[name]
        task = Token(live, spec, live.tasks.get(parent), state=task_state, id=token)
        task.data, task.internal_data = data, internal
        if not parent:
            live.task_tree = task
            task.data = dict(variables)
        if "awaits" in internal:
            live.awaiting[token] = task
    for token in stored.get("a", ()):
        live.schedule(live.tasks[token])
    return live
