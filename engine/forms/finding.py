"""Which file a model means by a form: its name, or the id inside it, as Camunda and Flowable refer to forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

ENDING = ".form"


def find_form(reference: str, names: Collection[str], content: Callable[[str], bytes]) -> str | None:
    """The name of the form file among ``names`` that ``reference`` means, or None when none or several could be meant.

    First the file of this very name; else the one file called so in any folder, with or without its ending; else the
    one file whose JSON has this ``id``.
    """
    forms = sorted(name for name in names if name.endswith(ENDING))
    if reference in forms:
        return reference
    called = [name for name in forms if name.rsplit("/", 1)[-1] in (reference, reference + ENDING)]
    found = called or [name for name in forms if _id_of(content(name)) == reference]
    return found[0] if len(found) == 1 else None


def _id_of(content: bytes) -> str | None:
    """The id in a form file; a file that is no form is reported by its own reader."""
    try:
        form = json.loads(content)
    except (ValueError, RecursionError):
        return None
    found = form.get("id") if isinstance(form, dict) else None
    return found if isinstance(found, str) else None
