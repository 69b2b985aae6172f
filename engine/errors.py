"""Every error that can reach a person.

Each class knows its HTTP status, a stable code, and a message for people: an English template that is also
the gettext message id, with its parameters kept apart so that the web layer can translate before it fills in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.messages import translatable


class PlanFlowError(Exception):
    """Base of all errors with a message for people.

    ``template`` is the English text with ``%(name)s`` places; ``params`` fills them.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"

    def __init__(self, template: str, **params: Any) -> None:
        super().__init__(template, params)
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return self.template % self.params if self.params else self.template


@dataclass(frozen=True)
class FieldProblem:
    """One field of a submission that broke a rule. ``field`` is its key, dotted below lists and groups."""

    field: str
    template: str
    params: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def message(self) -> str:
        return self.template % self.params if self.params else self.template


class Invalid(PlanFlowError):
    """What was sent breaks a rule; nothing was changed. ``fields`` names the places."""

    status = 422
    code = "invalid"

    def __init__(self, template: str, fields: Sequence[FieldProblem] = (), **params: Any) -> None:
        super().__init__(template, **params)
        self.fields = list(fields)


class NotFound(PlanFlowError):
    """Nothing with this id exists."""

    status = 404
    code = "not_found"


class Forbidden(PlanFlowError):
    """It exists, but this person may not do that to it."""

    status = 403
    code = "forbidden"


class Conflict(PlanFlowError):
    """Somebody else was first, or the state has moved on. The message says who and when; nothing was changed."""

    status = 409
    code = "conflict"


class TooLarge(PlanFlowError):
    """An upload or body is over its limit."""

    status = 413
    code = "too_large"


@dataclass(frozen=True)
class Problem:
    """One finding about a model: which resource and element, what is wrong, and the id of the rule.

    ``line`` is where the element stands in the resource, counted from 1, if that is known.
    """

    resource: str
    element: str | None
    name: str | None
    reason: str
    rule: str
    severity: str = "error"
    line: int | None = None


class NotDeployable(PlanFlowError):
    """A deployment was refused whole. ``problems`` names every reason by resource and element."""

    status = 422
    code = "not_deployable"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            translatable("Nothing was deployed. Each problem says which element stands in the way, and why.")
        )
        self.problems = list(problems)


class BpmnError(Exception):
    """A BPMN error thrown by an operation or a script; a boundary event or error event sub-process may catch it.

    ``code`` is compared with the ``errorCode`` of the catching event (BPMN 2.0.2 §10.5.6).
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
