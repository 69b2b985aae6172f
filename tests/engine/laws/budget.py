"""How many examples each law is tried with: a few hundred, or as many as ``PLANFLOW_LAWS`` says."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings


def examples(usual: int) -> settings:
    """The settings of a law that is usually tried so often."""
    asked = os.environ.get("PLANFLOW_LAWS")
    return settings(
        max_examples=int(asked) if asked else usual,
        deadline=None,
        phases=[phase for phase in Phase if phase is not Phase.explain],  # it takes longer than it helps
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
