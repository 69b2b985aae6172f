"""Starlark in worker processes: every condition, mapping and script that a designer writes."""

from engine.sandbox.functions import RESERVED
from engine.sandbox.pool import Limits
from engine.sandbox.sandbox import DirectoryFunctions, Json, PeopleOf, Sandbox, ScriptFailed

__all__ = ["RESERVED", "DirectoryFunctions", "Json", "Limits", "PeopleOf", "Sandbox", "ScriptFailed"]
