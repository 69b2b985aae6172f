"""The benchmarks run to their end, count what a completion takes, and leave nothing behind. Time is not judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import complete_task, start_and_parse
from benchmarks.bare import Bare
from benchmarks.loop import Stalled
from benchmarks.measuring import contest
from benchmarks.plain import PlainSpiff


@pytest.fixture
def emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made during a test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_completion_takes_one_commit_and_few_statements(emptied: Path) -> None:
    ran = CliRunner().invoke(complete_task.main, ["--json", "--steps", "1,3", "--repeat", "2"])
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    figures = {(figure["variant"], figure["steps"]): figure for figure in report["figures"]}
    assert {figure["samples"] for figure in figures.values()} == {2}
    for steps in (1, 3):
        assert figures["PlanFlow", steps]["statements"] <= 15
        assert figures["PlanFlow", steps]["commits"] == 1
        assert figures["PlanFlow over HTTP", steps]["statements"] <= 20
        assert figures["PlanFlow over HTTP", steps]["commits"] == 1
    assert [row["steps"] for row in report["ratios"]] == [1, 3]
    for row in report["ratios"]:
        assert row["planflow_to_bare"]["median"] > 0
        assert row["plain_to_planflow"]["quiet"] > 0
    assert list(emptied.iterdir()) == []


def test_the_second_start_of_a_version_parses_nothing(emptied: Path) -> None:
    ran = CliRunner().invoke(start_and_parse.main, ["--json", "--repeat", "2"])
    assert ran.exit_code == 0, ran.output
    report = json.loads(ran.stdout)
    assert report["parsed_by_first_start"]["read_bpmn"] == 1
    assert set(report["parsed_by_second_start"].values()) == {0}
    assert report["commits"] == 1
    assert list(emptied.iterdir()) == []


def test_plain_spiffworkflow_that_stalls_is_reported_and_does_not_stop_the_others(tmp_path: Path) -> None:
    class StallsAtThree(PlainSpiff):
        def run_at(self, steps, advance):
            if steps > 2:
                raise Stalled(2)
            return super().run_at(steps, advance)

    bare, plain = Bare(tmp_path / "bare.db"), StallsAtThree(tmp_path / "plain.db")
    series = {(one.series.variant, one.series.steps): one.series for one in contest([bare, plain], [2, 5], 3)}
    assert series[plain.name, 2].stalled is None
    assert len(series[plain.name, 2].seconds) == 3
    assert series[plain.name, 5].stalled == 3
    assert series[plain.name, 5].median is None
    assert len(series[bare.name, 5].seconds) == 3
    bare.close()
    plain.close()


@pytest.mark.parametrize("text", ["0", "a", "1,,2", "-5"])
def test_numbers_of_steps_that_make_no_sense_are_refused(text: str) -> None:
    ran = CliRunner().invoke(complete_task.main, ["--steps", text])
    assert ran.exit_code == 2
    assert "1,10,200" in ran.output
