"""Bodies that give commands."""

from __future__ import annotations

from apiflask.fields import Integer, String
from apiflask.validators import Length, Range

from engine.messages import translatable as _
from web.api.schemas.basics import Strict, json_object, variables

NAME = Length(1, 200, error=_("Write 1 to 200 characters."))
LONG = Length(max=10_000, error=_("Write at most 10,000 characters."))
COUNTABLE = Range(0, 2**31 - 1, error=_("This number is out of range."))


class StartBody(Strict):
    """How to start a process."""

    variables = variables("What the start form asks for.", {"year": 2027})
    business_key = String(
        allow_none=True,
        load_default=None,
        validate=NAME,
        metadata={"description": "Your own key for the instance.", "example": "PLAN-2027"},
    )
    version = Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=COUNTABLE,
        metadata={"description": "A version of the process; the latest when left out.", "example": 2},
    )


class CompleteBody(Strict):
    """How a person completes a task."""

    variables = variables("The fields of the task's form.", {"superior_opinion": "Clear and measurable."})
    outcome = String(
        allow_none=True,
        load_default=None,
        validate=NAME,
        metadata={"description": "One of the task's outcomes, if it has any.", "example": "approve"},
    )
    comment = String(
        allow_none=True,
        load_default=None,
        validate=LONG,
        metadata={"description": "Why. Some outcomes ask for it.", "example": "Goal 2 has no date."},
    )
    revision = Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=COUNTABLE,
        metadata={"description": "The task's revision that you saw; `If-Match` says the same.", "example": 1},
    )


class DraftBody(Strict):
    """What has been filled in so far."""

    data = json_object("Form fields; they are kept as they are.", {"goals": []}, required=True)


class TerminateBody(Strict):
    """Why an instance ends early."""

    reason = String(
        required=True,
        validate=Length(1, 10_000, error=_("Write 1 to 10,000 characters.")),
        metadata={"description": "Kept in the history.", "example": "Started twice by mistake."},
    )


class MessageBody(Strict):
    """A message for whichever instance waits for it."""

    name = String(
        required=True,
        validate=NAME,
        metadata={"description": "The message's name.", "example": "figures_ready"},
    )
    correlation = variables("Every key of the receiver must be here with its value.", {"quarter": 1})
    payload = variables("Becomes variables of the receiver.", {"source": "warehouse"})
    time_to_live = String(
        allow_none=True,
        validate=Length(1, 100, error=_("Write 1 to 100 characters.")),
        metadata={
            "description": "An ISO 8601 duration: how long the message is kept while nobody waits for it, 366 days at "
            "most. Left out, this installation's setting decides (an hour); with null or `PT0S` it is not "
            "kept, and answered with 404.",
            "example": "P2D",
        },
    )


class SignalBody(Strict):
    """A signal for everybody who waits for it now."""

    name = String(
        required=True,
        validate=NAME,
        metadata={"description": "The signal's name.", "example": "year_closed"},
    )
    payload = variables("Becomes variables of whoever receives it.", {"year": 2027})


class TokenBody(Strict):
    """A new token."""

    label = String(
        load_default="",
        validate=Length(max=200, error=_("Write at most 200 characters.")),
        metadata={"description": "What it is for.", "example": "reporting"},
    )
