"""What a log may say of an error: what went wrong, but never what somebody has entered.

A message often repeats the value that it is about (``invalid literal for int(): '…'``), and a database's error the row.
So a message is said where its kind tells only of the program or the machine; of every other the kind alone. The full
reason stands where those look who may read it: at the incident, or among the jobs.
"""

from __future__ import annotations

from collections.abc import Iterator
from traceback import extract_tb, format_list

from sqlalchemy.exc import DataError, DBAPIError, TimeoutError

from engine.errors import PlanFlowError

OF_THE_PROGRAM = (
    AttributeError,
    ImportError,
    NameError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    TimeoutError,
)
"""Python and SQLAlchemy word these of names and types in the code."""


def discreet(error: BaseException) -> str:
    """An error in a few words, without contents."""
    kind, said = type(error).__name__, _said(error)
    return f"{kind}: {said}" if said else kind


def _said(error: BaseException) -> str:
    match error:
        case PlanFlowError():
            reason = discreet(error.__cause__) if error.__cause__ else ""
            return " ".join(filter(None, (error.template, f"({reason})" if reason else "")))
        case DataError():
            return ""
        case DBAPIError():  # what follows in PostgreSQL's message is the row
            return str(error.orig).strip().partition("\n")[0]
        case OSError():
            return error.strerror or ""
        case _ if isinstance(error, OF_THE_PROGRAM):
            return str(error).partition("\n")[0]
        case _:
            return ""


def discreet_traceback(error: BaseException) -> str:
    """Where an error came from, and what led to it, without contents: lines of the code, and `discreet` words."""
    return "".join(reversed([*_chain(error)])).rstrip()


def _chain(error: BaseException | None) -> Iterator[str]:
    """The error and what it came from, the last first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield _one(error)
        if error.__cause__ is not None:
            error = error.__cause__
            yield "\nThe above exception was the direct cause of the following exception:\n\n"
        elif error.__context__ is not None and not error.__suppress_context__:
            error = error.__context__
            yield "\nDuring handling of the above exception, another exception occurred:\n\n"
        else:
            return


def _one(error: BaseException) -> str:
    frames = "".join(format_list(extract_tb(error.__traceback__)))
    return f"Traceback (most recent call last):\n{frames}{discreet(error)}\n"
