"""Business refusals: what the plan rules do not allow, with the code by which a process may catch it."""

from __future__ import annotations

from typing import ClassVar

from engine import Conflict


class Refusal(Conflict):
    """The state of a plan does not allow this. ``bpmn_code`` is the ``errorCode`` for boundary events."""

    code = "refused"
    bpmn_code: ClassVar[str] = "PLAN_REFUSED"


class PlanExists(Refusal):
    """The period already has a plan of this owner, in force or drafted by a process that is under way."""

    code = "plan_exists"
    bpmn_code = "PLAN_EXISTS"


class NotInForce(Refusal):
    """Only a plan in force can be adjusted, released, filed or confirmed."""

    code = "plan_not_in_force"
    bpmn_code = "PLAN_NOT_IN_FORCE"


class NothingDrafted(Refusal):
    """There is no draft version that could come into force."""

    code = "nothing_drafted"
    bpmn_code = "NOTHING_DRAFTED"
