"""Every shipped process tells the stories that are written beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import Invalid
from engine.sandbox import Sandbox
from plans.scenarios import EngineStage, play, play_folder, read_scenario
from plans.scenarios.playing import Strayed

PROCESSES = Path(__file__).parents[2] / "processes"
FILES = sorted(PROCESSES.glob("*/scenarios/*.yaml"))


@pytest.fixture(scope="module")
def sandbox():
    shared = Sandbox()
    yield shared
    shared.close()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parents[1].name}-{f.stem}")
def test_the_story_goes_as_it_is_told(file, sandbox):
    with EngineStage.temporary(PROCESSES, sandbox) as stage:
        assert play(read_scenario(file), stage, PROCESSES)


@pytest.mark.parametrize(
    "folder", sorted(p.parent for p in PROCESSES.glob("*/process.bpmn")), ids=lambda f: f.name
)
def test_every_process_has_at_least_three_stories(folder):
    assert len(list((folder / "scenarios").glob("*.yaml"))) >= 3


def test_a_story_that_goes_otherwise_says_where(sandbox):
    file = PROCESSES / "quarterly_review" / "scenarios" / "straight_through.yaml"
    scenario = read_scenario(file)
    wrong = type(scenario)(**{**vars(scenario), "steps": scenario.steps[1:2] + scenario.steps[-1:]})
    with (
        EngineStage.temporary(PROCESSES, sandbox) as stage,
        pytest.raises(Strayed, match=r"step 2 .*waiting is"),
    ):
        play(wrong, stage, PROCESSES)


def test_a_file_that_is_no_scenario_is_named(tmp_path, sandbox):
    folder = tmp_path / "process"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "scenarios" / "broken.yaml").write_text("name: [")
    (played,) = play_folder(folder, sandbox)
    assert (played.passed, "broken.yaml" in played.message) == (False, True)
    with pytest.raises(Invalid):
        read_scenario(folder / "scenarios" / "missing.yaml")
