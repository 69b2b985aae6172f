"""Plain SpiffWorkflow as its documentation shows it, with the workflow's JSON in one row of an SQLite file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from benchmarks import bare
from benchmarks.shapes import START, Shape, Stalled, entered

TABLE = "CREATE TABLE workflow (id INTEGER PRIMARY KEY, content TEXT NOT NULL)"


class PlainSpiff:
    """Restore, complete, go on, serialise, update: one durable transaction for each completion."""

    name = "plain SpiffWorkflow"

    def __init__(self, file: Path) -> None:
        self.connection = bare.connect(file)
        self.connection.execute(TABLE)
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(SPIFF_CONFIG))
        self._reached: dict[str, dict[int, str]] = {}
        self._stalled: dict[str, Stalled] = {}

    def run_at(self, shape: Shape, steps: int, advance: Callable[[], None]) -> PlainRun:
        """A row of its own, copied from what the workflow was after this many steps. Raises Stalled."""
        key = shape.process(steps)
        if key not in self._reached:
            self._reached[key] = {0: self._started(key, shape.model(steps))}
        reached = self._reached[key]
        if steps not in reached:
            reached[steps] = self._walk(shape, steps, advance)
        return PlainRun(self, shape, reached[steps], steps)

    def insert(self, content: str) -> int:
        """Store a workflow; returns the number of its row."""
        row = self.connection.execute("INSERT INTO workflow (content) VALUES (?)", (content,)).lastrowid
        assert row is not None  # noqa: S101  SQLite gives a number for every insert
        return row

    def read(self, row: int) -> str:
        """The stored workflow."""
        found = self.connection.execute("SELECT content FROM workflow WHERE id = ?", (row,))
        return str(found.fetchone()[0])

    def close(self) -> None:
        """Give the connection back."""
        self.connection.close()

    def _started(self, process: str, model: bytes) -> str:
        parser = SpiffBpmnParser()
        parser.add_bpmn_str(model)
        workflow = BpmnWorkflow(parser.get_spec(process), parser.get_subprocess_specs(process))
        workflow.data.update(START)
        workflow.do_engine_steps()
        return str(self.serializer.serialize_json(workflow))

    def _walk(self, shape: Shape, steps: int, advance: Callable[[], None]) -> str:
        """Go on from the nearest workflow that is known."""
        key = shape.process(steps)
        stalled = self._stalled.get(key)
        if stalled is not None and stalled.steps < steps:
            raise stalled
        begin = max(known for known in self._reached[key] if known < steps)
        run = PlainRun(self, shape, self._reached[key][begin], begin)
        try:
            for _ in range(begin, steps):
                run.step()
                advance()
        except Stalled as found:
            self._stalled[key] = found
            raise
        return self.read(run.row)


class PlainRun:
    """One workflow in its row."""

    def __init__(self, plain: PlainSpiff, shape: Shape, content: str, steps: int) -> None:
        self._plain, self._shape = plain, shape
        self._steps = steps
        self.row = plain.insert(content)

    def step(self) -> None:
        connection, serializer = self._plain.connection, self._plain.serializer
        connection.execute("BEGIN IMMEDIATE")
        workflow = serializer.deserialize_json(self._plain.read(self.row))
        self._complete(workflow)
        content = serializer.serialize_json(workflow)
        connection.execute("UPDATE workflow SET content = ? WHERE id = ?", (content, self.row))
        connection.execute("COMMIT")
        self._steps += 1

    def _complete(self, workflow: Any) -> None:
        wanted = self._shape.task(self._steps + 1)
        task = workflow.get_next_task(state=TaskState.READY, manual=True, spec_name=wanted)
        if task is None:
            self._plain.connection.execute("ROLLBACK")
            raise Stalled(self._steps)
        task.data.update(entered(self._steps + 1))
        task.run()
        workflow.do_engine_steps()
