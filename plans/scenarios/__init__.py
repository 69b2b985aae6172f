"""Scenarios: stories that a process must be able to tell, written in YAML beside it and played for real.

``docs/reference/scenarios.md`` describes the format.
"""

from plans.scenarios.playing import Played, play, play_folder
from plans.scenarios.reading import Scenario, Step, read_scenario
from plans.scenarios.stage import EngineStage, Stage

__all__ = ["EngineStage", "Played", "Scenario", "Stage", "Step", "play", "play_folder", "read_scenario"]
