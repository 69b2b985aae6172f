"""All processes, driven through HTTP only, on both databases, while the server is killed between steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import Database, history
from engine.sandbox import Sandbox
from plans.scenarios import play, read_scenario
from plans.scenarios.reading import BEGINNING
from tests.stories.http_stage import HttpStage, Server

pytestmark = pytest.mark.slow

PROCESSES = Path(__file__).parents[2] / "processes"
FILES = sorted(PROCESSES.glob("*/scenarios/*.yaml"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    shared = Sandbox(workers=1)
    yield shared
    shared.close()


@pytest.fixture
def server(database: Database, tmp_path: Path) -> Iterator[Server]:
    url = database.url.render_as_string(hide_password=False)
    server = Server(tmp_path, url)
    server.clock.write_text(BEGINNING.isoformat())
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parents[1].name}-{f.stem}")
def test_the_story_goes_as_it_is_told_over_http(file, server, database, sandbox):
    own = file.parents[1].name
    stage = HttpStage(server, database, sandbox, restarting=own if file.stem == "straight_through" else None)
    stage.set_time(BEGINNING)
    stage.deploy(PROCESSES)
    play(read_scenario(file), stage, PROCESSES)
    stage.close()
    with database.read() as session:
        assert list(history.verify(session)) == []
