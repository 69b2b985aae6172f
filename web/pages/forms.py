"""Forms on pages: what the ``form`` island is given, and what it sends back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from flask import request

from engine.commands import Command
from engine.errors import Invalid
from engine.forms import translate
from engine.messages import translatable as _
from web import json_body
from web.i18n import process_text, translated_error
from web.pages.display import key_label
from web.pages.names import shown


@dataclass(frozen=True)
class FormView:
    """A form as the island takes it. ``schema`` is form-js, translated; ``data`` only what the form reads.

    ``draft_url`` is where what is filled in saves itself. ``errors`` are messages by field key, from a submission
    that was refused.
    """

    schema: Mapping[str, Any]
    data: Mapping[str, Any]
    readonly: bool = False
    draft_url: str | None = None
    errors: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class FormProblem:
    """A refused field as the page lists it, under the label that the form gives it."""

    label: str
    message: str


def form_view(
    source: Mapping[str, Any] | None, data: Mapping[str, Any], process_key: str, **more: Any
) -> FormView | None:
    """The form as the island takes it, in the reader's language; None when there is none."""
    if source is None:
        return None
    schema = translate(source, partial(process_text, process_key=process_key))
    return FormView(schema, {**data, **_options(source, data)}, **more)


def _options(component: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """What is to choose from and comes with the data: people and departments as the reader calls them."""
    found: dict[str, Any] = {}
    for child in component.get("components", ()):
        options = data.get(child.get("valuesKey", ""))
        if isinstance(options, list):
            found[child["valuesKey"]] = [_option(each) for each in options]
        found |= _options(child, data)
    return found


def _option(option: Any) -> Any:
    if isinstance(option, Mapping) and isinstance(option.get("label"), str):
        return {**option, "label": shown(option["label"])}
    return option


def is_long(form: FormView | None) -> bool:
    """Whether a form fills more than a screen."""
    return form is not None and len(form.schema.get("components", ())) > 8


def submitted() -> dict[str, Any]:
    """The form data that the island put into its hidden field.

    Raises :class:`Invalid` when it is no object, or by field for what could not be stored.
    """
    try:
        data = json_body.parse(_sent())
    except json_body.NotJson:
        data = None
    if not isinstance(data, dict):
        raise Invalid(_("The form could not be read. Load the page again."))
    return data


def written() -> dict[str, Any]:
    """The same as far as the page can show it again, whatever was refused about it."""
    data = json_body.showable(_sent())
    return data if isinstance(data, dict) else {}


def said_once(command: Command, form: str = "") -> str:
    """The idempotency key of a command from a page, so that a double click on one form is one command."""
    said = json.dumps([form, type(command).__name__, asdict(command)], sort_keys=True)
    return f"page:{hashlib.sha256(said.encode()).hexdigest()}"


def _sent() -> str:
    return request.form.get("data") or "{}"


def errors_by_field(refusal: Invalid) -> dict[str, list[str]]:
    """The refused fields with their messages, as form-js takes them."""
    gathered: dict[str, list[str]] = {}
    for problem in refusal.fields:
        gathered.setdefault(problem.field, []).append(translated_error(problem))
    return gathered


def told_problems(refusal: Invalid, form: FormView | None, process_key: str) -> list[FormProblem]:
    """The refused fields for the list above the form."""
    labels = _labels(form.schema) if form else {}
    return [
        FormProblem(_label(problem.field, labels, process_key), translated_error(problem))
        for problem in refusal.fields
    ]


def _label(path: str, labels: Mapping[str, str], process_key: str) -> str:
    """``goals.1.target`` becomes ``Goals 2: Target value``."""
    parts: list[str] = []
    for step in path.split("."):
        if step.isdigit() and parts:
            parts[-1] += f" {int(step) + 1}"
        else:
            parts.append(labels.get(step) or process_text(key_label(step), process_key))
    return ": ".join(parts)


def _labels(component: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in component.get("components", ()):
        key = child.get("key") or child.get("path")
        if key and child.get("label"):
            found[key] = child["label"]
        found.update(_labels(child))
    return found
