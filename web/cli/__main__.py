"""``python -m web.cli`` is ``planflow``."""

from __future__ import annotations

from web.cli import main

main(prog_name="planflow")
