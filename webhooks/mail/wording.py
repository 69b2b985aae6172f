"""What letters say, in English; the catalogues have it in the readers' languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.messages import translatable as _


@dataclass(frozen=True)
class Phrases:
    """The subject of a letter, its first sentence, and what its link is called. ``%(what)s`` is what it is about."""

    subject: str
    opening: str
    link: str


OPEN_TASK = _("Open the task")
PHRASES: Mapping[str, Phrases] = {
    "task.assigned": Phrases(_("Your task: %(what)s"), _("A task waits for you: %(what)s."), OPEN_TASK),
    "task.offered": Phrases(
        _("A task you can take: %(what)s"),
        _("A task waits that you can take, as others can: %(what)s."),
        OPEN_TASK,
    ),
    "task.overdue": Phrases(
        _("Overdue: %(what)s"), _("This task was due and is not done yet: %(what)s."), OPEN_TASK
    ),
    "incident.raised": Phrases(
        _("Incident: %(what)s"),
        _("A step could not go on and waits for an administrator: %(what)s."),
        _("Open the process"),
    ),
    "plan.in_force": Phrases(
        _("In force: %(what)s"), _("A plan is in force now: %(what)s."), _("Open the plan")
    ),
    "plan.changed": Phrases(
        _("Changed: %(what)s"), _("A plan in force was changed: %(what)s."), _("Open the plan")
    ),
    "indicator.warning": Phrases(
        _("Warning: %(what)s"),
        _("An indicator came near its warning value, or beyond it: %(what)s."),
        _("Open the plans"),
    ),
}

LABELS: tuple[tuple[str, str], ...] = (
    (_("Process"), "instance.title"),
    (_("Due"), "task.due_at"),
    (_("What happened"), "error"),
    (_("Period"), "plan.reference"),
    (_("Version"), "plan.version"),
    (_("Reason"), "plan.reason"),
    (_("Quarter"), "indicator.quarter"),
    (_("Figure so far"), "indicator.actual"),
    (_("Target"), "indicator.target"),
    (_("Warning value"), "indicator.warning"),
)
"""Lines for what is there, in this order."""

GREETING = _("Hello %(name)s,")
WHY = _(
    "You get this letter because your profile says so. There you can choose what you are told, or nothing."
)
PROFILE = _("Choose what you are told")
WITHOUT_ADDRESS = _("Sign in to PlanFlow to see it.")
