"""The benchmarks run to their end, count what a completion takes, and leave nothing behind. Time is not judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from benchmarks import complete_task, memory, multi_instance, start_and_parse
from benchmarks.bare import Bare
from benchmarks.installation import installation
from benchmarks.measuring import Contestant, contest
from benchmarks.plain import PlainRun, PlainSpiff
from benchmarks.planflow import Service
from benchmarks.shapes import LOOP, SHAPES, Shape, Stalled


@pytest.fixture
def emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made during a test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def report_of(command: click.Command, *arguments: str) -> dict[str, Any]:
    ran = CliRunner().invoke(command, ["--json", *arguments])
    assert ran.exit_code == 0, ran.output
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def test_a_completion_takes_one_commit_and_few_statements_in_every_shape(emptied: Path) -> None:
    report = report_of(complete_task.main, "--steps", "1,3", "--repeat", "2")
    figures = {(figure["variant"], figure["shape"], figure["steps"]): figure for figure in report["figures"]}
    assert {figure["samples"] for figure in figures.values()} == {2}
    for steps in (1, 3):
        for shape in SHAPES:
            assert figures["PlanFlow", shape.name, steps]["statements"] <= 15
            assert figures["PlanFlow", shape.name, steps]["commits"] == 1
        assert figures["PlanFlow over HTTP", LOOP.name, steps]["statements"] <= 20
        assert figures["PlanFlow over HTTP", LOOP.name, steps]["commits"] == 1
    assert [(row["shape"], row["steps"]) for row in report["ratios"]] == [
        (shape.name, steps) for shape in SHAPES for steps in (1, 3)
    ]
    for row in report["ratios"]:
        assert row["planflow_to_bare"]["median"] > 0
        assert row["plain_to_planflow"]["quiet"] > 0
    assert list(emptied.iterdir()) == []


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_what_is_stored_of_an_instance_does_not_grow_with_its_steps(tmp_path: Path, shape: Shape) -> None:
    with installation(tmp_path / "engine", []) as container:
        service = Service(container)
        few, many = (service.run_at(shape, steps, lambda: None).stored() for steps in (10, 100))
    digits = 12  # numbers of tokens and rounds have more digits later on
    assert abs(many["state_bytes"] - few["state_bytes"]) <= digits
    assert abs(many["variables_bytes"] - few["variables_bytes"]) <= digits


def test_completing_one_of_many_instances_takes_no_more_statements_than_a_single_one(emptied: Path) -> None:
    report = report_of(multi_instance.main, "--widths", "4,20", "--repeat", "2")
    single, *many = report["figures"]
    assert [figure["shape"] for figure in many] == ["4 at once", "20 at once"]
    assert all(figure["statements"] <= single["statements"] and figure["commits"] == 1 for figure in many)
    assert list(emptied.iterdir()) == []


def test_the_second_start_of_a_version_parses_nothing(emptied: Path) -> None:
    report = report_of(start_and_parse.main, "--repeat", "2")
    assert report["parsed_by_first_start"]["read_bpmn"] == 1
    assert report["parsed_by_first_start"]["parse"] == 1
    assert set(report["parsed_by_second_start"].values()) == {0}
    assert report["commits"] == 1
    assert list(emptied.iterdir()) == []


def test_the_memory_of_a_server_is_read_after_instances_and_after_versions(emptied: Path) -> None:
    report = report_of(memory.main, "--instances", "1,2", "--versions", "1,3")
    assert [reading["number"] for reading in report["instances"]] == [1, 2]
    assert [reading["number"] for reading in report["versions"]] == [1, 3]
    assert all(reading["rss_kib"] > 0 for reading in report["instances"] + report["versions"])
    assert list(emptied.iterdir()) == []


def test_the_growth_of_memory_is_that_of_the_line_through_the_readings() -> None:
    readings = [{"number": number, "rss_kib": 100 + 3 * number} for number in (1, 5, 10)]
    assert memory.slope(readings) == pytest.approx(3 * 1024)
    assert memory.slope(readings[:1]) is None


def test_plain_spiffworkflow_that_stalls_is_reported_and_does_not_stop_the_others(tmp_path: Path) -> None:
    class StallsAtThree(PlainSpiff):
        def run_at(self, shape: Shape, steps: int, advance: Callable[[], None]) -> PlainRun:
            if steps > 2:
                raise Stalled(2)
            return super().run_at(shape, steps, advance)

    bare, plain = Bare(tmp_path / "bare.db"), StallsAtThree(tmp_path / "plain.db")
    runs = [Contestant(variant, LOOP, steps, 3) for steps in (2, 5) for variant in (bare, plain)]
    contest(runs, 3)
    series = {(one.series.variant, one.series.steps): one.series for one in runs}
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
