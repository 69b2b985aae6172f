"""Starlark in worker processes: every condition, mapping and script that a designer writes."""

from engine.sandbox.allowance import Allowance
from engine.sandbox.functions import RESERVED
from engine.sandbox.process import Limits
from engine.sandbox.sandbox import (
    MOST_WORKERS,
    DirectoryFunctions,
    Json,
    Kind,
    PeopleOf,
    Sandbox,
    ScriptFailed,
)

__all__ = [
    "MOST_WORKERS",
    "RESERVED",
    "Allowance",
    "DirectoryFunctions",
    "Json",
    "Kind",
    "Limits",
    "PeopleOf",
    "Sandbox",
    "ScriptFailed",
]
