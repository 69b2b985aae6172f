"""What a process's forms call its variables and their values, for pages that show data outside of a form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import deployments
from engine.context import CommandContext


@dataclass(frozen=True)
class FormWords:
    """``fields``: labels of fields and lists by key; ``choices``: labels of options by value. As designed."""

    fields: Mapping[str, str]
    choices: Mapping[str, str]


def form_words(ctx: CommandContext, process_key: str) -> FormWords:
    """The words of the newest version's forms. Raises NotFound.

    Where several forms ask for one variable, the first by the form's name decides.
    """
    definition = deployments.latest(ctx.session, process_key)
    fields: dict[str, str] = {}
    choices: dict[str, str] = {}
    for name in deployments.resource_names(ctx.session, definition.deployment_id):
        if name.endswith(".form"):
            form = ctx.services.definitions.form(ctx.session, definition.id, name)
            for component in _components(form.source):
                _gather(component, fields, choices)
    return FormWords(fields, choices)


def _gather(component: Mapping[str, Any], fields: dict[str, str], choices: dict[str, str]) -> None:
    key, label = component.get("path") or component.get("key"), component.get("label")
    if key and label and "{{" not in label:
        fields.setdefault(key, label)
    for option in component.get("values", ()):
        if isinstance(option.get("value"), str) and option.get("label"):
            choices.setdefault(option["value"], option["label"])


def _components(component: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for child in component.get("components", ()):
        yield child
        yield from _components(child)
