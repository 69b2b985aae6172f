"""What a check has found, in words that can be translated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OK, WARNING, FAILURE = "ok", "warning", "failure"


@dataclass(frozen=True)
class Finding:
    """``said`` is how it stands and ``todo`` what to do, English templates which ``params`` fill; never a secret."""

    state: str
    said: str
    todo: str
    params: Mapping[str, Any]


def good(said: str, **params: Any) -> Finding:
    """All is well."""
    return Finding(OK, said, "", params)


def warning(said: str, todo: str, **params: Any) -> Finding:
    """It works, but somebody should look at it."""
    return Finding(WARNING, said, todo, params)


def failure(said: str, todo: str, **params: Any) -> Finding:
    """It does not work, or must not stay so."""
    return Finding(FAILURE, said, todo, params)
