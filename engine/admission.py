"""What any command may carry: texts that every database keeps, and data within its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import FieldProblem, Invalid
from engine.execution import limits
from engine.messages import translatable as _

if TYPE_CHECKING:
    from engine.commands import Command


def admit(command: Command) -> None:
    """Refuse, with `Invalid`, a command that could not be stored, before anything is looked up."""
    for name in command.__dataclass_fields__:
        value: Any = getattr(command, name)
        if isinstance(value, str) and not _is_storable(value):
            problem = FieldProblem(name, _("This text holds characters that cannot be stored."))
            raise Invalid(_("The command cannot be carried out."), [problem])
        if isinstance(value, Mapping) and limits.size(dict(value)) > limits.MAX_DATA:
            raise limits.TooMuchData()


def _is_storable(text: str) -> bool:
    """PostgreSQL keeps no NUL, and no UTF-8 has half a surrogate pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
