"""Python, PlanFlow and the packages it needs; and the extras, which only some need."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec

from packaging.requirements import Requirement

from engine.messages import translatable as _
from web.doctor.finding import Finding, failure, good
from web.doctor.installation import Installation
from web.version import product_version

PRODUCT = "planflow"
FOR_TRACES = "opentelemetry.exporter.otlp.proto.http"


def programs(_installation: Installation | None = None) -> Finding:
    """Whether every package is there, in a version that was asked for."""
    wrong = [each for each in map(_wrong, _requirements()) if each]
    told = {"planflow": product_version(), "python": platform.python_version()}
    if wrong:
        return failure(
            _("PlanFlow %(planflow)s on Python %(python)s lacks: %(packages)s."),
            _("Install it again with the versions of its requirements.lock."),
            packages=", ".join(wrong),
            **told,
        )
    return good(_("PlanFlow %(planflow)s on Python %(python)s, with all its packages."), **told)


def extras(installation: Installation) -> Finding:
    """Whether the extras that settings ask for are there."""
    there = {name: not any(map(_wrong, _requirements(name))) for name in _extras()}
    told = {"extras": ", ".join(name for name, whole in there.items() if whole)}
    if installation.settings.tracing and not _can_be_imported(FOR_TRACES):
        return failure(
            _("The OTEL_… variables ask for traces, but the extra “tracing” is not installed."),
            _("Install planflow[tracing], or set OTEL_TRACES_EXPORTER=none."),
        )
    if not told["extras"]:
        return good(_("None is installed, and none is needed."))
    return good(_("Installed: %(extras)s."), **told)


def _can_be_imported(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # what it lies in is missing
        return False


def _extras() -> list[str]:
    return distribution(PRODUCT).metadata.get_all("Provides-Extra") or [] if _is_installed() else []


def _is_installed() -> bool:
    try:
        return bool(version(PRODUCT))
    except PackageNotFoundError:  # run from its sources
        return False


def _requirements(extra: str = "") -> Iterator[Requirement]:
    """What the product asks for, or an extra of it."""
    texts = (distribution(PRODUCT).requires or []) if _is_installed() else []
    for asked in map(Requirement, texts):
        for_extra = asked.marker is not None and "extra" in str(asked.marker)
        if for_extra == bool(extra) and (asked.marker is None or asked.marker.evaluate({"extra": extra})):
            yield asked


def _wrong(asked: Requirement) -> str:
    """A package that is missing or has another version, and which one was asked for."""
    try:
        found = version(asked.name)
    except PackageNotFoundError:
        return str(asked).partition(";")[0].strip()
    return (
        ""
        if asked.specifier.contains(found, prereleases=True)
        else f"{asked.name} {found} ({asked.specifier})"
    )
