"""Starts a worker by path, without importing the engine's public face.

The face brings the database and SpiffWorkflow along, which a worker neither needs nor should reach, and
which would make it start many times slower. The argument is the folder that holds the starlark package.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

sys.path.append(sys.argv[1])
_sandbox = Path(__file__).resolve().parent
for _name, _folder in (("engine", _sandbox.parent), ("engine.sandbox", _sandbox)):
    _package = ModuleType(_name)
    _package.__path__ = [str(_folder)]
    sys.modules[_name] = _package

from engine.sandbox.worker import main  # noqa: E402 - the bare packages have to be there first

main()
