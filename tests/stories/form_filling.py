"""A form on a page, filled as a person does it: field by field, from the values that a scenario gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from playwright.sync_api import Locator, Page

Component = Mapping[str, Any]
OF_FIELD = "xpath=ancestor::*[contains(concat(' ', @class, ' '), ' fjs-form-field ')][1]"
READ_FIELDS = """fields => fields.map(field =>
    ['radio', 'checkbox'].includes(field.type) ? String(field.checked) : field.value ?? field.textContent)"""
READ_PLACES = """said => said.map(text => text.closest('.fjs-form-field')
    .querySelector('input, textarea').id.replace(/^fjs-form-[^-]+-/, ''))"""


class PageForm:
    """The form that a page shows. Fields are named as the server names them: ``year``, ``goals.0.owner``."""

    def __init__(self, page: Page) -> None:
        self._island: Locator = page.locator("[data-island=form]")
        self._island.locator(".fjs-form").wait_for()
        self._components: Sequence[Component] = self._script("schema")["components"]
        self._data: Mapping[str, Any] = self._script("data")

    def fill(self, variables: Mapping[str, Any]) -> None:
        """Enter values; fields that they do not name stay as they are. Lists get as many rows as are given.

        A name without a field, or one whose field is not shown, fails: scenario and form have parted.
        """
        self._fill(self._components, variables, "")

    def written(self) -> list[str]:
        """Everything that the fields hold now, in their order."""
        fields = self._island.locator("input:not([type=hidden]), textarea, .fjs-select-display")
        held: list[str] = fields.evaluate_all(READ_FIELDS)
        return held

    def control(self, name: str) -> Locator:
        """The element to type into, or for a choice its first option."""
        field, row = self._field(name)
        return self._control(field, row)

    def complaint(self, name: str) -> Locator:
        """What is said to be wrong at a field."""
        return self.control(name).locator(OF_FIELD).locator(".fjs-form-field-error")

    def wrong(self) -> list[str]:
        """The names of all fields at which something is said to be wrong."""
        places: list[str] = self._island.locator(".fjs-form-field-error").evaluate_all(READ_PLACES)
        return [self._name(place) for place in places]

    def _script(self, name: str) -> Any:
        return json.loads(self._island.locator(f"script[data-form-{name}]").text_content() or "{}")

    def _fill(self, components: Sequence[Component], values: Mapping[str, Any], row: str) -> None:
        fields = dict(_fields(components))
        unknown = values.keys() - fields.keys()
        assert not unknown, f"the form has no field for {sorted(unknown)}, only {sorted(fields)}"
        for name, field in fields.items():
            if name in values:
                self._enter(field, values[name], row)

    def _enter(self, field: Component, value: Any, row: str) -> None:
        match field["type"]:
            case "dynamiclist":
                self._enter_rows(field, value)
            case "checkbox":
                self._control(field, row).set_checked(bool(value))
            case "radio":
                self._control(field, row, self._position(field, value)).check()
            case "checklist":
                chosen = {self._position(field, one) for one in value}
                for place in range(len(self._options(field))):
                    self._control(field, row, place).set_checked(place in chosen)
            case "select":
                self._choose(field, value, row)
            case "datetime":
                self._write(self._control(field, row), value)
                self._control(field, row).press("Enter")
            case _:
                self._write(self._control(field, row), value)

    @staticmethod
    def _write(box: Locator, value: Any) -> None:
        box.fill("" if value is None else str(value))

    def _enter_rows(self, field: Component, rows: Sequence[Mapping[str, Any]]) -> None:
        place = self._island.locator(f".fjs-form-field-dynamiclist:has(> [id$='-{field['id']}'])")
        shown = place.locator(".fjs-repeat-row-container")
        while shown.count() < len(rows):
            place.locator(".fjs-repeat-render-add").click()
        while shown.count() > len(rows):
            place.locator(".fjs-repeat-row-remove").last.click()
        if place.locator(".fjs-repeat-row-collapsed").count():
            place.locator(".fjs-repeat-render-collapse").click()
        for number, values in enumerate(rows):
            self._fill(field["components"], values, f"_{number}")

    def _choose(self, field: Component, value: Any, row: str) -> None:
        box = self._control(field, row).locator(OF_FIELD)
        if value is None:
            cross = box.locator(".fjs-select-cross")
            return cross.click() if cross.count() else None
        box.locator(".fjs-input-group").click()
        return box.locator(".fjs-dropdownlist-item").nth(self._position(field, value)).click()

    def _options(self, field: Component) -> list[Any]:
        """What can be chosen: written in the form, or given with its data."""
        options = field.get("values") or self._data[field["valuesKey"]]
        return [option["value"] if isinstance(option, Mapping) else option for option in options]

    def _position(self, field: Component, value: Any) -> int:
        options = self._options(field)
        assert value in options, f"{value!r} cannot be chosen, only {options}"
        return options.index(value)

    def _control(self, field: Component, row: str, option: int = 0) -> Locator:
        parts = {"radio": f"-{option}", "checklist": f"-{option}", "datetime": f"-{field.get('subtype')}"}
        part = parts.get(field["type"], "")
        return self._island.locator(f"[id$='-{field['id']}{row}{part}']")

    def _field(self, name: str) -> tuple[Component, str]:
        within, *rest = name.split(".")
        field = dict(_fields(self._components))[within]
        if not rest:
            return field, ""
        number, inner = rest
        return dict(_fields(field["components"]))[inner], f"_{number}"

    def _name(self, place: str) -> str:
        """The name of the field whose element has this id, without what is the same in all of a form's ids."""
        element = place.partition("-")[0]
        for name, field in _fields(self._components):
            if field["id"] == element:
                return name
            for inner, cell in _fields(field.get("components", ())):
                if found := re.fullmatch(rf"{re.escape(cell['id'])}_(\d+)", element):
                    return f"{name}.{found[1]}.{inner}"
        raise AssertionError(f"the form has no field with the id {element}")


def _fields(components: Sequence[Component]) -> Iterator[tuple[str, Component]]:
    """The fields and lists by name, also those in groups, which only arrange them."""
    for component in components:
        if component["type"] == "group":
            yield from _fields(component["components"])
        elif name := component.get("path") or component.get("key"):
            yield name, component
