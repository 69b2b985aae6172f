"""A compiled form: what it asks, what it reads, and whether a submission fits it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from engine.errors import Invalid
from engine.feel_syntax import names
from engine.forms import json_schema
from engine.forms.component import Component, Slot, slots
from engine.forms.fields import Circumstances
from engine.forms.initial import initial_data
from engine.forms.reader import read_form
from engine.forms.submission import Submission
from engine.forms.translation import labels
from engine.messages import translatable as _

Json = Any
_TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TEMPLATE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class CompiledForm:
    """A checked form of a deployment. ``resource`` is its file name, ``source`` its form-js JSON."""

    resource: str
    source: dict[str, Json]
    components: tuple[Component, ...]

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The places of the data that this form fills."""
        return slots(self.components)

    @cached_property
    def schema(self) -> dict[str, Json]:
        """The JSON Schema (2020-12) of a submission, as the API documents it."""
        return json_schema.whole(self.slots)

    @property
    def keys(self) -> frozenset[str]:
        """The process variables that a submission may set."""
        return frozenset(slot.path[0] for slot in self.slots if slot.writable)

    def validate(
        self,
        data: Json,
        variables: Mapping[str, Json] | None = None,
        *,
        complete: bool = True,
        today: date | None = None,
    ) -> dict[str, Json]:
        """The variables that a submission sets, or `Invalid` with a problem for each field.

        ``variables`` are the process's as the person saw them: they give options (``valuesKey``),
        conditions and what read-only parts hold. ``complete=False`` does not ask for required fields (a
        negative outcome). ``today`` (default: now, UTC) is for fields that refuse past dates.
        """
        if not isinstance(data, Mapping):
            raise Invalid(_("A submission must be a JSON object."))
        known = variables or {}
        circumstances = Circumstances(known, complete, today or datetime.now(UTC).date())
        submission = Submission(self.slots, initial_data(self.slots, known), circumstances)
        cleaned, problems = submission.check(data)
        if problems:
            raise Invalid(_("Some fields need your attention."), fields=problems)
        return cleaned

    def default_data(self, variables: Mapping[str, Json] | None = None) -> dict[str, Json]:
        """What the browser shows at first: the variables that the form reads, and its default values."""
        known = variables or {}
        wanted = {name: known[name] for name in self.referenced_variables() if name in known}
        return initial_data(self.slots, wanted)

    def referenced_variables(self) -> frozenset[str]:
        """The names of the process variables that the form reads; a few more where templates are rich."""
        found = {slot.path[0] for slot in self.slots}
        for component in _all(self.components):
            found.update(_read_by(component))
        for text in labels(self.source):
            for template in _TEMPLATE.findall(text):
                found.update(_TEMPLATE_NAME.findall(template))
        return frozenset(found)


def _all(components: tuple[Component, ...]) -> list[Component]:
    return [found for component in components for found in (component, *_all(component.children))]


def _read_by(component: Component) -> set[str]:
    found = {
        name for node in (component.hide, component.expression) if node is not None for name in names(node)
    }
    if key := component.properties.get("valuesKey"):
        found.add(key)
    return found


def compile_form(resource: str, content: bytes) -> CompiledForm:
    """Compile a ``.form`` file. Raises `NotDeployable` with every component that cannot be checked."""
    source, components = read_form(resource, content)
    return CompiledForm(resource, source, components)
