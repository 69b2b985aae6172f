"""Files on disk as bundles to deploy: a folder is one, files given together are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import PlanFlowError

SUFFIXES = frozenset({".bpmn", ".dmn", ".form"})


class NothingFound(PlanFlowError):
    """The paths hold nothing that the command works on."""

    code = "nothing_found"


@dataclass(frozen=True)
class Bundle:
    """Resources that are deployed together, by their name relative to the bundle's folder, and where each was found."""

    name: str
    files: Mapping[str, bytes]
    paths: Mapping[str, Path]


def bundles(paths: Iterable[Path]) -> list[Bundle]:
    """The bundles that these paths mean.

    A folder with BPMN or DMN files of its own is one bundle, with everything below it; a folder without any
    stands for the folders in it. Files given one by one are a bundle together.
    """
    given = list(paths)
    found = [bundle for path in given if path.is_dir() for bundle in _in_folder(path)]
    files = [path for path in given if path.is_file()]
    if files:
        found.append(_bundle(files[0].stem, {path.name: path for path in files}))
    return found


def _in_folder(folder: Path) -> Iterator[Bundle]:
    if any(path.suffix in (".bpmn", ".dmn") for path in folder.iterdir()):
        yield _bundle(folder.resolve().name, _resources(folder))
        return
    for below in sorted(path for path in folder.iterdir() if path.is_dir()):
        yield from _in_folder(below)


def _bundle(name: str, paths: Mapping[str, Path]) -> Bundle:
    return Bundle(name, {resource: path.read_bytes() for resource, path in paths.items()}, paths)


def _resources(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in paths}
