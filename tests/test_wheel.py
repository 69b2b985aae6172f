"""What is installed from the wheel: everything that runs, and nothing that only builds or tests."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel made from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    (wheel,) = folder.glob("planflow-*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_a_wheel_holds_every_module_page_style_and_process(shipped: set[str]) -> None:
    needed = {
        path.relative_to(ROOT).as_posix()
        for room in ("engine", "plans", "web", "webhooks", "processes")
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    left_out = {name for name in needed - shipped if not name.startswith("web/assets/")}
    assert left_out == {"web/build.py"}


def test_a_wheel_holds_the_built_front_end_and_the_licences_of_what_is_in_it(shipped: set[str]) -> None:
    built = [
        name.removeprefix("web/static/built/") for name in shipped if name.startswith("web/static/built/")
    ]
    assert "manifest.json" in built
    assert any(name.startswith("form-") and name.endswith(".js") for name in built)
    assert any(name.startswith("licenses-") for name in built)
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in shipped)


def test_a_wheel_holds_every_catalogue_compiled_and_none_as_source(shipped: set[str]) -> None:
    sources = {
        path.relative_to(ROOT).with_suffix(".mo").as_posix() for path in (ROOT / "locales").rglob("*.po")
    }
    assert sources
    assert {name for name in shipped if name.startswith("locales/")} == sources


def test_a_wheel_holds_no_tests_and_no_tools(shipped: set[str]) -> None:
    tops = {name.partition("/")[0] for name in shipped}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "engine", "plans", "web", "webhooks", "processes", "locales"
    }  # fmt: skip
