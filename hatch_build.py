"""Hatch's build hook: every wheel, and every editable install, carries the front end and the catalogues, built."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuiltFiles(BuildHookInterface[Any]):
    """Calls ``web/build.py``, which does nothing while the front end is up to date, and compiles ``locales``."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node as a wheel, only where it has to be built and the system has none."""
        build = _web_build(self.root)
        needed = not build.up_to_date() and build.system_node() is None
        return [build.WHEEL] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files are gathered."""
        _web_build(self.root).build()
        for source in sorted(Path(self.root, "locales").rglob("*.po")):
            _compile_catalogue(source)


def _compile_catalogue(source: Path) -> None:
    """A ``.mo`` beside its ``.po``: an installed package may lie where it cannot write one itself."""
    with source.open("rb") as readable:
        catalogue = read_po(readable, locale=source.parts[-3])
    unfinished = source.with_suffix(".mo.part")
    with unfinished.open("wb") as writable:
        write_mo(writable, catalogue)
    unfinished.replace(source.with_suffix(".mo"))


def _web_build(root: str) -> ModuleType:
    """``web/build.py`` by its path: the package and what it needs are not installed yet."""
    spec = importlib.util.spec_from_file_location("planflow_web_build", Path(root) / "web" / "build.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("web/build.py is missing")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
