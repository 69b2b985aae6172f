"""A hostile designer's model is refused, gets an incident that names its element, or is harmless text.

The table is every place of ``tests.engine.hostile`` times every attack on it, through the engine as the server runs it
and through ``planflow try``. Limits are shorter than the default ones, so that it does not take an hour, and of the
table only a sample is tried unless ``PLANFLOW_HOSTILE=all`` asks for all of it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import select

from engine import Database, Engine
from engine.commands import CompleteTask, RunJob, StartInstance
from engine.directory import SYSTEM
from engine.errors import Invalid, NotDeployable, NotFound, PlanFlowError
from engine.history import verify
from engine.sandbox import Limits, Sandbox, ScriptFailed
from engine.simulation import try_file
from engine.storage.tables import incident, job
from tests.conftest import VERSION_LOCATIONS
from tests.engine import hostile
from tests.engine.conftest import Clock, SmallCompany, actor
from tests.engine.hostile import (
    ATTACKS,
    BOMBS,
    EXPRESSIONS,
    OTHER_LANGUAGES,
    TEXTS,
    TRAPS,
    WAYS_OUT,
    Files,
    Place,
)

LIMITS = Limits(seconds=0.1, memory=96 << 20)
PATIENCE = 20.0
"""Seconds for one cell of the table, most of them for a machine that has other things to do."""
OTHER_ATTACKS = {**WAYS_OUT, **TEXTS, **TRAPS}
SECRET = "the-secret-of-the-server"


@dataclass
class Bench:
    """An engine for one attack after the other, and what would show that one of them got out."""

    engine: Engine
    sandbox: Sandbox
    clock: Clock
    folder: Path
    port: int
    listener: socket.socket
    before: frozenset[int]
    """Workers of other sandboxes, which lived when this one was made."""

    def armed(self, text: str) -> str:
        return text.replace("CANARY", str(self.folder / "canary")).replace("PORT", str(self.port))

    def assert_nobody_got_out(self) -> None:
        assert not (self.folder / "canary").exists()
        assert not Path("CANARY").exists()
        with pytest.raises(BlockingIOError):
            self.listener.accept()
        assert self.sandbox.evaluate("1 + 1", {}) == 2


def _echo(context: object, inputs: Mapping[str, Any]) -> dict[str, Any]:
    return dict(inputs)


def _company(session: object) -> SmallCompany:
    return SmallCompany()


def _workers() -> frozenset[int]:
    """The worker processes of all sandboxes of this session."""
    mine = psutil.Process().children(recursive=True)
    return frozenset(child.pid for child in mine if "worker_start.py" in " ".join(child.cmdline()))


@pytest.fixture(scope="module")
def bench(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copyfile(sqlite_template, folder / "planflow.db")
    database = Database(f"sqlite:///{folder}/planflow.db", VERSION_LOCATIONS)
    before, sandbox, clock = _workers(), Sandbox(LIMITS), Clock()
    operations = {"echo": _echo}
    engine = Engine(database, _company, operations, clock=clock, sandbox=sandbox)
    os.environ["SECRET"] = SECRET
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield Bench(engine, sandbox, clock, folder, listener.getsockname()[1], listener, before)
    del os.environ["SECRET"]
    engine.close()


@dataclass
class Outcome:
    """How an attack ended: ``refused`` and ``incidents`` by element, ``told`` is everything that was shown."""

    refused: list[str | None]
    incidents: list[str]
    told: str
    error: PlanFlowError | None = None


def run(bench: Bench, files: Files) -> Outcome:
    """Deploy, look at what a person would see, start, complete every task, fire every timer.

    What starts by itself is left to the worker.
    """
    try:
        bench.engine.deploy(files, actor("designer"), "hostile")
    except NotDeployable as refusal:
        problems = refusal.problems
        return Outcome([p.element or p.resource for p in problems], [], " ".join(p.reason for p in problems))
    if b'<bpmn:startEvent id="here"' in files["process.bpmn"]:
        return _started_by_itself(bench)
    told: list[Any] = []
    try:
        told.append(bench.engine.start_form("p", actor("supervisor")))
        started = bench.engine.execute(StartInstance("p", {}), actor("supervisor"))
    except PlanFlowError as error:
        return Outcome([], [], str(error), error)
    for task in started.task_ids:
        told += _worked_on(bench, task)
    told += _timers_fired(bench, started.instance_id)
    return _looked_at(bench, started.instance_id, told)


def _started_by_itself(bench: Bench) -> Outcome:
    """What the worker makes of a process that it is to start."""
    with bench.engine.database.read() as session:
        starts = list(session.scalars(select(job.c.id).where(job.c.definition_id.is_not(None))))
    for number in starts:
        bench.engine._jobs.run(number)
    with bench.engine.database.read() as session:
        queries = bench.engine.queries(session, actor("administrator"))
        failed = queries.process("p").failed_starts
        begun = queries.instances(process_key="p", limit=5).items
    told = json.dumps([*(each.reason for each in failed), *map(str, begun)], ensure_ascii=False)
    return Outcome([], [each.element for each in failed], told)


def _worked_on(bench: Bench, task: str) -> list[Any]:
    view = bench.engine.view_task(task, actor("administrator"))
    told: list[Any] = [view.data, view.form, [fact.value for fact in view.detail.facts]]
    for person in ("administrator", "supervisor"):
        try:
            bench.engine.execute(CompleteTask(task, {}), actor(person))
        except PlanFlowError as error:  # somebody else's, or done, or the form asks for more
            told.append(str(error))
    return told


def _timers_fired(bench: Bench, instance: str) -> list[str]:
    with bench.engine.database.read() as session:
        due = list(
            session.scalars(
                select(job.c.id).where(job.c.instance_id == instance, job.c.due_at <= bench.clock())
            )
        )
    told = []
    for number in due[:3]:
        try:
            bench.engine.execute(RunJob(number), actor=SYSTEM)
        except PlanFlowError as error:
            told.append(str(error))
    return told


def _looked_at(bench: Bench, instance: str, told: list[Any]) -> Outcome:
    with bench.engine.database.read() as session:
        queries = bench.engine.queries(session, actor("administrator"))
        shown = queries.instance(instance)
        query = select(incident.c.element, incident.c.error).where(incident.c.instance_id == instance)
        found = list(session.execute(query))
        assert not list(verify(session, instance))
    told += [str(shown), [row.error for row in found]]
    return Outcome([], [row.element for row in found], json.dumps(told, default=str, ensure_ascii=False))


def tried(bench: Bench, files: Files) -> Outcome:
    """The same through ``planflow try``."""
    folder = bench.folder / "tried"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    try:
        trial = try_file(folder / "process.bpmn", sandbox=bench.sandbox)
    except PlanFlowError as error:
        return Outcome([], [], str(error), error)
    elements = [problem["element"] for problem in trial.problems]
    told = json.dumps(vars(trial), default=str, ensure_ascii=False)
    refused = trial.state == "refused"
    return Outcome(elements if refused else [], [] if refused else elements, told)


def assert_clean(place: Place, outcome: Outcome, *, out: bool) -> None:
    """A complaint names the place; ``out`` is an attack that must not have come to a value."""
    assert SECRET not in outcome.told
    assert hostile.COMPUTED not in outcome.told
    for element in (*outcome.refused, *outcome.incidents):
        assert element in place.elements or str(element).endswith(".form")
    if outcome.error is not None:
        assert isinstance(outcome.error, Invalid | ScriptFailed | NotFound)
    if out:
        assert outcome.refused or outcome.incidents or outcome.error or place.silent


EVERY_CELL = os.environ.get("PLANFLOW_HOSTILE") == "all"
SAMPLE = 7
"""Every so manieth cell is tried, which comes to each place and each attack; with ``PLANFLOW_HOSTILE=all`` all are."""


def cells(attacks: Mapping[str, str], places: Mapping[str, object]) -> list[Any]:
    """The table. What needs a worker's whole time is marked, and so is what the first two places show already."""
    quick = list(places)[:2]

    def marks(place: str, attack: str) -> Any:
        return () if place in quick and attack not in BOMBS else pytest.mark.slow

    table = [
        pytest.param(place, attack, id=f"{attack} in {place}", marks=marks(place, attack))
        for place in places
        for attack in attacks
    ]
    return table if EVERY_CELL else table[::SAMPLE]


@pytest.mark.parametrize(("place", "attack"), cells(ATTACKS, EXPRESSIONS))
def test_an_expression_gets_no_further_than_its_element(bench: Bench, place: str, attack: str) -> None:
    files = EXPRESSIONS[place].files(bench.armed(ATTACKS[attack]))
    begun = time.monotonic()
    outcome = run(bench, files)
    assert time.monotonic() - begun < PATIENCE
    assert_clean(EXPRESSIONS[place], outcome, out=attack in WAYS_OUT or attack in BOMBS)
    bench.assert_nobody_got_out()


@pytest.mark.parametrize(("place", "attack"), cells(ATTACKS, EXPRESSIONS)[::5])
def test_an_expression_that_is_tried_gets_no_further_either(bench: Bench, place: str, attack: str) -> None:
    outcome = tried(bench, EXPRESSIONS[place].files(bench.armed(ATTACKS[attack])))
    assert_clean(EXPRESSIONS[place], outcome, out=False)
    bench.assert_nobody_got_out()


@pytest.mark.parametrize(("place", "attack"), cells(OTHER_ATTACKS, OTHER_LANGUAGES))
def test_other_languages_reach_no_further(bench: Bench, place: str, attack: str) -> None:
    files = OTHER_LANGUAGES[place].files(bench.armed(OTHER_ATTACKS[attack]))
    begun = time.monotonic()
    assert_clean(OTHER_LANGUAGES[place], run(bench, files), out=False)
    assert_clean(OTHER_LANGUAGES[place], tried(bench, files), out=False)
    assert time.monotonic() - begun < PATIENCE
    bench.assert_nobody_got_out()


@pytest.mark.parametrize(("place", "attack"), cells(TEXTS, hostile.NAMES))
def test_a_name_is_text_and_comes_out_as_it_went_in(bench: Bench, place: str, attack: str) -> None:
    text = bench.armed(TEXTS[attack])
    files = hostile.NAMES[place](text)
    for outcome in (run(bench, files), tried(bench, files)):
        assert SECRET not in outcome.told
        assert hostile.COMPUTED not in outcome.told
        assert set(outcome.incidents) <= {"here", None}  # tried alone, it misses what it calls
    bench.assert_nobody_got_out()


@pytest.mark.parametrize("pattern", hostile.PATTERNS)
def test_a_pattern_takes_no_time(bench: Bench, pattern: str) -> None:
    files = OTHER_LANGUAGES["a pattern of a form"].files(pattern)
    begun = time.monotonic()
    outcome = run(bench, files)
    assert set(outcome.refused) <= {"a"}
    if not outcome.refused:
        started = bench.engine.execute(StartInstance("p", {}), actor("supervisor"))
        long = CompleteTask(started.task_ids[0], {"a": "a" * 20_000 + "!"})
        with suppress(Invalid):
            bench.engine.execute(long, actor("supervisor"))
    assert time.monotonic() - begun < PATIENCE / 4


@pytest.mark.parametrize("name", hostile.FILE_NAMES)
def test_a_file_name_leads_nowhere(bench: Bench, name: str) -> None:
    content = hostile.NAMES["an element"]("x")["process.bpmn"]
    before = {path for path in bench.folder.rglob("*") if not path.name.startswith("planflow.db")}
    files = {name: content, "other.bpmn": content.replace(b'"p"', b'"q"')}
    with suppress(Invalid, NotDeployable):
        bench.engine.deploy(files, actor("designer"), name)
    assert {path for path in bench.folder.rglob("*") if not path.name.startswith("planflow.db")} == before


@pytest.mark.parametrize("bomb", hostile.FILES)
def test_a_file_that_is_a_bomb_is_refused(bench: Bench, bomb: str) -> None:
    begun = time.monotonic()
    with pytest.raises(PlanFlowError) as refusal:
        bench.engine.deploy(hostile.FILES[bomb](), actor("designer"), "hostile")
    assert isinstance(refusal.value, Invalid | NotDeployable) or refusal.value.status == 413
    assert time.monotonic() - begun < PATIENCE


def test_many_repetitions_of_a_loop_take_no_longer_than_one(bench: Bench) -> None:
    endless = hostile.script("here", "x = [1 for a in range(100000) for b in range(100000) if False]")
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics planflow:collection="=list(range(500))"/></bpmn:scriptTask>'
    )
    body = endless.replace("</bpmn:scriptTask>", loop)
    begun = time.monotonic()
    outcome = run(bench, hostile._around(body, "here"))
    assert time.monotonic() - begun < PATIENCE / 2  # one by one they would take a minute
    assert outcome.incidents == ["here"] * 500


def test_no_worker_is_left_over_by_the_whole_table(bench: Bench) -> None:
    bench.sandbox.close()
    assert not _workers() - bench.before
