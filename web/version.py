"""Which PlanFlow this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def product_version() -> str:
    """The installed version; ``unreleased`` when run from a source tree that is not installed."""
    try:
        return version("planflow")
    except PackageNotFoundError:
        return "unreleased"
