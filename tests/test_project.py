"""The project as a whole: what a reader is told is so, and nothing points to where it cannot be followed."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import licences, locks
from web.cli import main as planflow

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("engine", "plans", "web", "webhooks")
BINARY = {".png", ".ico", ".woff2", ".mo", ".pyc", ".xz"}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
# Written in pieces, so that this file may be read like any other.
FORBIDDEN = tuple(
    "".join(pieces)
    for pieces in (
        ("files.python", "hosted.org"), ("registry.npm", "js.org"), ("registry.npm", "mirror.com"), ("find-", "links"),
        ("/work", "/main"), ("/work", "/shared"), ("/root", "/"),
    )
)  # fmt: skip
UNFINISHED = re.compile("|".join(rf"\b{a}{b}\b" for a, b in (("TO", "DO"), ("FIX", "ME"), ("XX", "X"))))
LONGEST_FILE = 500
LONGEST_DECISION = 420


def _ignored() -> list[str]:
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return [".git", *(line.rstrip("/").rpartition("/")[2] for line in lines)]


def _files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that a clone holds."""
    ignored = _ignored()
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in _files()
    if path.suffix not in BINARY
}
PAGES = {name: text for name, text in TEXTS.items() if name.endswith(".md")}
PYTHON = {name: text for name, text in TEXTS.items() if name.endswith(".py")}


def _slugs(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _links(text: str) -> Iterator[str]:
    for found in LINK.finditer(FENCE.sub("", text)):
        target = found.group(1) or found.group(2)
        if not re.match(r"[a-z]+:", target):
            yield target


@pytest.mark.parametrize("text", FORBIDDEN)
def test_no_file_names_a_registry_or_a_place_on_somebodys_machine(text: str) -> None:
    assert [name for name, content in TEXTS.items() if text in content] == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    code = {
        name: text for name, text in TEXTS.items() if not name.endswith((".po", ".lock", "package-lock.json"))
    }
    assert [name for name, text in code.items() if UNFINISHED.search(text)] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    broken = []
    for target in _links(PAGES[name]):
        path, _, anchor = target.partition("#")
        place = (ROOT / name).parent / path if path else ROOT / name
        if not place.exists() or (anchor and anchor not in _slugs(place.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def test_every_page_of_the_documentation_is_reached_from_its_index() -> None:
    reached, waiting = set(), [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        paths = (link.partition("#")[0] for link in _links(page.read_text(encoding="utf-8")))
        waiting += [(page.parent / path).resolve() for path in paths if path]
    assert [name for name in PAGES if name.startswith("docs/") and ROOT / name not in reached] == []


def test_make_commands_that_pages_name_are_in_the_makefile() -> None:
    named = {
        target
        for text in PAGES.values()
        for target in re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)
    }
    targets = set(re.findall(r"^([a-z]+):", TEXTS["Makefile"], re.MULTILINE))
    assert "run" in named
    assert named <= targets


def test_planflow_commands_that_pages_name_exist() -> None:
    pattern = re.compile(r"(?:`|^|/)planflow ([a-z]+)(?: ([a-z]+))?", re.MULTILINE)
    named = {found.groups() for text in PAGES.values() for found in pattern.finditer(text)}
    assert ("up", None) in named
    assert [" ".join(filter(None, pair)) for pair in named if not _is_command(*pair)] == []


def _is_command(name: str, below: str | None) -> bool:
    command = planflow.get_command(click.Context(planflow), name)
    return command is not None and (
        not isinstance(command, click.Group) or below is None or below in command.commands
    )


def test_a_decision_is_told_briefly_and_listed() -> None:
    index = TEXTS["docs/decisions/README.md"]
    records = {
        name: text for name, text in PAGES.items() if re.fullmatch(r"docs/decisions/\d{4}-.*\.md", name)
    }
    assert records
    assert [name for name, text in records.items() if len(text.split()) > LONGEST_DECISION] == []
    assert [name for name in records if f"({Path(name).name})" not in index] == []


def test_no_file_of_the_product_is_too_long_to_read() -> None:
    product = {name: text for name, text in PYTHON.items() if not name.startswith("tests/")}
    assert [name for name, text in product.items() if text.count("\n") >= LONGEST_FILE] == []


def test_project_and_changelog_agree_on_the_version() -> None:
    version = tomllib.loads(TEXTS["pyproject.toml"])["project"]["version"]
    newest = re.search(r"^## \[([^\]]+)\]", TEXTS["CHANGELOG.md"], re.MULTILINE)
    assert newest is not None
    assert newest.group(1) == version


def test_the_reference_lists_every_setting_and_no_other() -> None:
    name = re.compile(r"PLANFLOW_[A-Z_]+[A-Z]")
    used = {found for path in PYTHON if path.startswith(ROOMS) for found in name.findall(TEXTS[path])}
    listed = set(re.findall(r"^\| `(PLANFLOW_\w+)`", TEXTS["docs/reference/settings.md"], re.MULTILINE))
    assert listed == used


def test_every_import_of_the_product_is_a_declared_dependency() -> None:
    declared = {canonicalize_name(Requirement(text).name) for text in locks.to_run()}
    assert _undeclared(declared, ROOMS) == set()


def test_every_import_of_tests_and_tools_is_a_declared_dependency() -> None:
    declared = {canonicalize_name(requirement.name) for requirement in locks.requirements()}
    assert _undeclared(declared, ("benchmarks", "tests", "tools")) == set()


def _undeclared(declared: set[str], folders: Iterable[str]) -> set[str]:
    known = packages_distributions()
    return {
        f"{path}: {module}"
        for path in PYTHON
        if path.startswith(tuple(f"{folder}/" for folder in folders))
        for module in _imported(PYTHON[path])
        if not declared & {canonicalize_name(name) for name in known.get(module, [])}
    }


def _imported(source: str) -> set[str]:
    """Top-level modules that a file imports and that neither Python nor the project has."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found - sys.stdlib_module_names - {*ROOMS, "benchmarks", "tests", "tools"}


def test_the_list_of_third_party_software_shows_what_the_lock_says() -> None:
    locked = locks.pins(TEXTS["requirements.lock"])
    rows = re.findall(r"^\| ([^ |]+) \| ([^ |]+) \|", TEXTS["docs/third-party-python.md"], re.MULTILINE)
    listed = {canonicalize_name(name): version for name, version in rows if name != "package"}
    assert listed.items() <= locked.items()
    assert set(licences.needed()) == set(listed)


def test_the_lock_says_nothing_but_names_and_versions() -> None:
    lines = [line for line in TEXTS["requirements.lock"].splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.!+-]+", line)] == []


def test_every_pin_satisfies_what_the_project_asks_for() -> None:
    locked = locks.pins(TEXTS["requirements.lock"])
    unmet = [
        str(asked)
        for asked in locks.requirements()
        if not asked.specifier.contains(locked.get(canonicalize_name(asked.name), "0"), prereleases=True)
    ]
    assert unmet == []
