"""Small forms for the tests."""

from __future__ import annotations

import json
from typing import Any

from engine.errors import Invalid, NotDeployable
from engine.forms import CompiledForm, compile_form


def source(*components: dict[str, Any], **form: Any) -> bytes:
    """A ``.form`` file with these components."""
    return json.dumps({"type": "default", "components": components, **form}).encode()


def form(*components: dict[str, Any]) -> CompiledForm:
    return compile_form("forms/test.form", source(*components))


def reasons(*components: dict[str, Any], **extra: Any) -> list[str]:
    """Why the form is refused: ``element: reason`` each; empty when it is taken."""
    try:
        compile_form("forms/test.form", source(*components, **extra))
    except NotDeployable as error:
        return [f"{problem.element}: {problem.reason}" for problem in error.problems]
    return []


def problems(compiled: CompiledForm, data: Any, *args: Any, **options: Any) -> dict[str, str]:
    """Field and message of everything that is wrong with ``data``."""
    try:
        compiled.validate(data, *args, **options)
    except Invalid as error:
        return {problem.field: problem.message for problem in error.fields}
    return {}


def field(kind: str, key: str = "it", **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, **more}
