"""The result of a decision in the shape that other engines give it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.bpmn.dialects.results import COLLECTED, FEEL_RESULT, LISTED, SINGLE_ENTRY, SINGLE_RESULT
from engine.sandbox import Sandbox, ScriptFailed
from tests.engine.bpmn.dialects.test_translation import Nobody

ONE, TWO = {"a": 1}, {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("shape", "result", "expected"),
    [
        (SINGLE_ENTRY, ONE, 1),
        (SINGLE_ENTRY, [ONE], 1),
        (SINGLE_ENTRY, None, None),
        (SINGLE_ENTRY, [], None),
        (SINGLE_ENTRY, "literal", "literal"),
        (SINGLE_RESULT, TWO, TWO),
        (SINGLE_RESULT, [TWO], TWO),
        (SINGLE_RESULT, None, None),
        (LISTED, TWO, [TWO]),
        (LISTED, [ONE, ONE], [ONE, ONE]),
        (LISTED, None, []),
        (COLLECTED, [ONE, {"a": 3}], [1, 3]),
        (COLLECTED, None, []),
        (FEEL_RESULT, ONE, 1),
        (FEEL_RESULT, TWO, TWO),
        (FEEL_RESULT, [ONE, TWO], [1, TWO]),
        (FEEL_RESULT, None, None),
        (FEEL_RESULT, 7, 7),
    ],
)
def test_a_result_takes_its_shape(sandbox: Sandbox, shape: str, result: Any, expected: Any) -> None:
    assert sandbox.evaluate(shape, {"result": result}, Nobody()) == expected


@pytest.mark.parametrize(
    ("shape", "result"),
    [(SINGLE_ENTRY, TWO), (SINGLE_ENTRY, [ONE, ONE]), (SINGLE_RESULT, [ONE, ONE]), (COLLECTED, [TWO])],
)
def test_a_result_that_does_not_fit_its_shape_stops(sandbox: Sandbox, shape: str, result: Any) -> None:
    with pytest.raises(ScriptFailed):
        sandbox.evaluate(shape, {"result": result}, Nobody())
