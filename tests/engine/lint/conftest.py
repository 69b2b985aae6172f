"""Linting short models."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.bpmn.reader import read_bpmn
from engine.errors import Problem
from engine.forms import compile_form
from engine.lint import Sources, lint_model
from engine.sandbox import Sandbox

Lint = Callable[..., list[tuple[str | None, str]]]
"""Takes a rule's id, a BPMN file and forms; gives the elements that the rule finds, with their severities."""


def problems(sandbox: Sandbox, content: bytes, **forms: bytes) -> list[Problem]:
    """Everything that the rules find."""
    model, _warnings = read_bpmn(content, "p.bpmn")
    compiled = {f"{name}.form": compile_form(f"{name}.form", form) for name, form in forms.items()}
    return list(lint_model(model, content, {"p.bpmn": model}, compiled, Sources(sandbox)))


@pytest.fixture
def lint(sandbox: Sandbox) -> Lint:
    def run(rule: str, content: bytes, **forms: bytes) -> list[tuple[str | None, str]]:
        return [(p.element, p.severity) for p in problems(sandbox, content, **forms) if p.rule == rule]

    return run
