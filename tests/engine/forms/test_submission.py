from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from engine.errors import Invalid
from tests.engine.forms.building import field, form, problems

REQUIRED = {"required": True}
OPTIONS = [{"label": "High", "value": "high"}, {"label": "Low", "value": "low"}, {"label": "One", "value": 1}]


@pytest.mark.parametrize(
    ("component", "empty"),
    [
        (field("textfield", validate=REQUIRED), ""),
        (field("textarea", validate=REQUIRED), None),
        (field("number", validate=REQUIRED), None),
        (field("checkbox", validate=REQUIRED), False),
        (field("radio", values=OPTIONS, validate=REQUIRED), None),
        (field("select", values=OPTIONS, validate=REQUIRED), ""),
        (field("checklist", values=OPTIONS, validate=REQUIRED), []),
        (field("taglist", values=OPTIONS, validate=REQUIRED), []),
        (field("datetime", subtype="date", validate=REQUIRED), None),
    ],
)
def test_a_required_field_that_is_empty_is_named(component: dict[str, Any], empty: Any) -> None:
    compiled = form(component)
    assert problems(compiled, {"it": empty}) == {"it": "This field is required."}
    assert problems(compiled, {}) == {"it": "This field is required."}


def test_a_negative_outcome_does_not_ask_for_required_fields() -> None:
    compiled = form(field("textfield", "a", validate={**REQUIRED, "minLength": 3}))
    assert compiled.validate({}, complete=False) == {"a": ""}
    assert problems(compiled, {"a": "x"}, complete=False) == {"a": "Enter at least 3 characters."}


@pytest.mark.parametrize(
    ("component", "value", "message"),
    [
        (field("textfield"), 7, "Enter text."),
        (field("textfield"), {"a": 1}, "Enter text."),
        (field("textfield"), "x" * 20_001, "Enter at most 20000 characters."),
        (field("textfield"), "a\x00b", "This text holds a character that cannot be stored."),
        (field("textfield"), "\ud800", "This text holds a character that cannot be stored."),
        (field("textfield", validate={"minLength": 3}), "  ab  ", "Enter at least 3 characters."),
        (field("textfield", validate={"maxLength": 2}), "abc", "Enter at most 2 characters."),
        (field("textfield", validate={"maxLength": 1}), "😀", "Enter at most 1 characters."),
        (field("textfield", validate={"pattern": "^[a-z]+$"}), "Ab", "This does not have the expected form."),
        (field("textfield", validate={"pattern": "^a$", "patternErrorMessage": "Only a."}), "b", "Only a."),
        (field("textfield", validate={"validationType": "email"}), "me@", "Enter a valid e-mail address."),
        (field("number"), "many", "Enter a number."),
        (field("number"), True, "Enter a number."),
        (field("number"), float("nan"), "Enter a number."),
        (field("number"), 10**400, "Enter a number."),
        (field("number", serializeToString=True), "many", "Enter a number."),
        (field("number", validate={"min": 1}), 0, "Enter 1 or more."),
        (field("number", validate={"max": 1}), 2, "Enter 1 or less."),
        (field("number", validate={"max": 1}, serializeToString=True), "2", "Enter 1 or less."),
        (field("number", decimalDigits=0), 1.5, "Enter a whole number."),
        (field("number", decimalDigits=2), 0.125, "Enter at most 2 decimal digits."),
        (field("number", increment="0.25"), 0.3, "The nearest valid values are 0.25 and 0.50."),
        (field("checkbox"), "yes", "Say yes or no."),
        (field("select", values=OPTIONS), "middle", "Choose one of the offered options."),
        (field("select", values=OPTIONS), True, "Choose one of the offered options."),
        (field("taglist", values=OPTIONS), ["low", "low"], "Choose one of the offered options."),
        (field("checklist", values=OPTIONS), "low", "Choose one of the offered options."),
        (field("datetime", subtype="date"), "2027-02-30", "Enter a valid date or time."),
        (field("datetime", subtype="date"), "2027-02-03T10:00", "Enter a valid date or time."),
        (field("datetime", subtype="time"), "25:00", "Enter a valid date or time."),
        (field("datetime", subtype="datetime"), "2027-02-03", "Enter a valid date or time."),
    ],
)
def test_a_value_that_breaks_a_rule_is_named_with_the_rule(
    component: dict[str, Any], value: Any, message: str
) -> None:
    found = problems(form(component), {"it": value})
    assert found["it"].replace("0.50", "0.5") == message.replace("0.50", "0.5")


@pytest.mark.parametrize(
    ("component", "value", "kept"),
    [
        (field("textfield"), " as written ", " as written "),
        (field("number"), "12.50", 12.5),
        (field("number"), "3", 3),
        (field("number", decimalDigits=2), 0.1, 0.1),
        (field("number", increment="0.1"), 0.3, 0.3),
        (field("number", serializeToString=True), 3, "3"),
        (field("number", serializeToString=True), "0.30", "0.30"),
        (field("checkbox"), True, True),
        (field("select", values=OPTIONS), 1, 1),
        (field("taglist", values=OPTIONS), ["low", 1], ["low", 1]),
        (field("datetime", subtype="date"), "2027-02-28", "2027-02-28"),
        (field("datetime", subtype="time"), "09:30+02:00", "09:30+02:00"),
        (field("datetime", subtype="datetime"), "2027-02-28T09:30Z", "2027-02-28T09:30Z"),
        (field("textfield", validate={"validationType": "email"}), "me@example.org", "me@example.org"),
        (field("textfield", validate={"validationType": "phone"}), "+4930664040900", "+4930664040900"),
    ],
)
def test_a_value_that_fits_is_kept_as_the_form_submits_it(
    component: dict[str, Any], value: Any, kept: Any
) -> None:
    assert form(component).validate({"it": value}) == {"it": kept}


def test_unknown_keys_are_dropped() -> None:
    assert form(field("textfield", "a")).validate({"a": "x", "admin": True}) == {"a": "x"}


def test_what_is_sent_for_a_read_only_or_disabled_field_is_dropped() -> None:
    compiled = form(
        field("textfield", "a"), field("number", "b", readonly=True), field("number", "c", disabled=True)
    )
    assert compiled.validate({"a": "x", "b": 1, "c": 1}, {"b": 7}) == {"a": "x"}


def test_a_submission_that_is_no_object_is_refused() -> None:
    with pytest.raises(Invalid):
        form(field("textfield")).validate([])


def test_options_come_from_the_variable() -> None:
    compiled = form(field("select", "owner", valuesKey="people"))
    people = {"people": ["ann", {"label": "Bob", "value": "bob"}, {"value": 3}, None, {"label": "nothing"}]}
    for owner in ("ann", "bob", 3):
        assert compiled.validate({"owner": owner}, people) == {"owner": owner}
    assert "owner" in problems(compiled, {"owner": "eve"}, people)
    assert "owner" in problems(compiled, {"owner": "ann"}, {})


def test_a_past_date_is_refused_where_the_form_says_so() -> None:
    compiled = form(field("datetime", "due", subtype="date", disallowPassedDates=True))
    today = date(2027, 3, 10)
    assert problems(compiled, {"due": "2027-03-01"}, today=today) == {
        "due": "Choose a date that is not in the past."
    }
    assert problems(compiled, {"due": "2027-03-09"}, today=today) == {}  # still today somewhere


# Lists -------------------------------------------------------------------------------------------------------------


def goals(**more: Any) -> dict[str, Any]:
    fields = [field("textfield", "name", validate=REQUIRED), field("number", "weight"),
              field("select", "owner", valuesKey="people")]  # fmt: skip
    return {"type": "dynamiclist", "path": "goals", "components": fields, **more}


def test_a_problem_in_a_list_names_row_and_column() -> None:
    rows = [{"name": "a"}, {"name": "", "weight": "x", "owner": "eve"}]
    assert problems(form(goals()), {"goals": rows}, {"people": ["ann"]}) == {
        "goals.1.name": "This field is required.",
        "goals.1.weight": "Enter a number.",
        "goals.1.owner": "Choose one of the offered options.",
    }


def test_rows_are_cleaned_like_the_form() -> None:
    sent = {"goals": [{"name": "a", "weight": "2", "extra": 1}]}
    assert form(goals()).validate(sent) == {"goals": [{"name": "a", "weight": 2, "owner": None}]}


def test_a_list_that_is_no_list_of_objects_is_named() -> None:
    assert problems(form(goals()), {"goals": "many"}) == {"goals": "This must be a list."}
    assert problems(form(goals()), {"goals": [1]}) == {"goals.0": "Each row must be an object."}


def test_the_number_of_rows_is_bounded() -> None:
    bounded = form(goals(properties={"minRows": "1", "maxRows": "2"}))
    row = {"name": "a"}
    assert problems(bounded, {"goals": []}) == {"goals": "Enter at least 1 rows."}
    assert problems(bounded, {"goals": []}, complete=False) == {}
    assert problems(bounded, {"goals": [row] * 3}) == {"goals": "Enter at most 2 rows."}
    assert problems(form(goals()), {"goals": [row] * 501}) == {"goals": "Enter at most 500 rows."}


FIXED = {
    "type": "dynamiclist", "path": "rows", "allowAddRemove": False,
    "components": [field("textfield", "task", readonly=True), field("checkbox", "done")],
}  # fmt: skip
TASKS = {"rows": [{"task": "a", "secret": 1}, {"task": "b", "done": True}]}


def test_a_list_of_fixed_rows_keeps_what_the_form_does_not_change() -> None:
    sent = {"rows": [{"task": "changed", "done": True}, {"done": False}]}
    assert form(FIXED).validate(sent, TASKS) == {
        "rows": [{"task": "a", "secret": 1, "done": True}, {"task": "b", "done": False}]
    }


def test_fixed_rows_cannot_be_added_or_removed() -> None:
    message = {"rows": "Rows cannot be added or removed here."}
    assert problems(form(FIXED), {"rows": []}, TASKS) == message
    assert problems(form(FIXED), {"rows": [{}, {}, {}]}, TASKS) == message


def test_a_list_without_anything_to_enter_sets_nothing() -> None:
    shown = {**FIXED, "components": [field("textfield", "task", readonly=True)]}
    assert form(shown).validate({"rows": [{"task": "x"}]}, TASKS) == {}


def test_lists_nest() -> None:
    inner = {
        "type": "dynamiclist",
        "path": "steps",
        "components": [field("textfield", "what", validate=REQUIRED)],
    }
    outer = {"type": "dynamiclist", "path": "goals", "components": [field("textfield", "name"), inner]}
    sent = {"goals": [{"name": "a", "steps": [{"what": "x"}, {"what": ""}]}]}
    assert problems(form(outer), sent) == {"goals.0.steps.1.what": "This field is required."}


# Groups ------------------------------------------------------------------------------------------------------------


def test_a_group_merges_into_what_the_variable_held() -> None:
    group = {"type": "group", "path": "document", "components": [field("textarea", "summary")]}
    compiled = form(group, field("textfield", "document.title", readonly=True))
    held = {"document": {"title": "Plan", "risks": ["r"], "summary": "old"}}
    assert compiled.validate({"document": {"summary": "new", "title": "x"}}, held) == {
        "document": {"title": "Plan", "risks": ["r"], "summary": "new"}
    }
    assert held["document"]["summary"] == "old"


def test_a_field_that_was_not_sent_keeps_what_the_form_showed() -> None:
    compiled = form(field("textfield", "a", validate=REQUIRED), field("number", "b", defaultValue=3))
    assert compiled.validate({}, {"a": "was there"}) == {"a": "was there", "b": 3}


# Conditions --------------------------------------------------------------------------------------------------------


def hidden_when(condition: str, component: dict[str, Any]) -> dict[str, Any]:
    return {**component, "conditional": {"hide": condition}}


def test_a_hidden_field_is_neither_required_nor_kept() -> None:
    compiled = form(
        field("radio", "kind", values=OPTIONS),
        hidden_when('=kind != "high"', field("textfield", "reason", validate=REQUIRED)),
    )
    assert compiled.validate({"kind": "low", "reason": "sent all the same"}) == {"kind": "low"}
    assert problems(compiled, {"kind": "high"}) == {"reason": "This field is required."}


def test_a_hidden_group_hides_its_fields_and_a_hidden_list_its_rows() -> None:
    group = {"type": "group", "components": [field("textfield", "a", validate=REQUIRED)]}
    compiled = form(field("checkbox", "skip"), hidden_when("=skip", group), hidden_when("=skip", goals()))
    assert compiled.validate({"skip": True, "goals": [{"name": ""}]}) == {"skip": True}
    assert set(problems(compiled, {"skip": False, "goals": [{}]})) == {"a", "goals.0.name"}


def test_a_condition_may_read_a_variable_and_the_row_around_it() -> None:
    cost = hidden_when('=this.kind = "free" or closed', field("number", "cost", validate=REQUIRED))
    compiled = form({"type": "dynamiclist", "path": "rows", "components": [field("textfield", "kind"), cost]})
    rows = {"rows": [{"kind": "free"}, {"kind": "paid"}]}
    assert problems(compiled, rows, {"closed": False}) == {"rows.1.cost": "This field is required."}
    assert problems(compiled, rows, {"closed": True}) == {}


def test_a_hidden_field_is_gone_for_the_conditions_of_others() -> None:
    compiled = form(
        field("checkbox", "partner"),
        hidden_when("=not(partner)", field("textfield", "kind")),
        hidden_when('=kind != "other"', field("textfield", "which", validate=REQUIRED)),
    )
    assert problems(compiled, {"partner": True, "kind": "other"}) == {"which": "This field is required."}
    assert compiled.validate({"partner": False, "kind": "other"}) == {"partner": False}


def test_a_read_only_value_that_is_sent_does_not_decide_a_condition() -> None:
    compiled = form(
        field("number", "amount", readonly=True),
        hidden_when("=amount < 100", field("textfield", "reason", validate=REQUIRED)),
    )
    assert problems(compiled, {"amount": 1}, {"amount": 500}) == {"reason": "This field is required."}


def test_an_expression_field_is_computed_by_the_server() -> None:
    total = field("expression", "total", expression="=sum(goals.weight)", computeOn="change")
    compiled = form(goals(), total)
    sent = {"goals": [{"name": "a", "weight": 2}, {"name": "b", "weight": 3}], "total": 999}
    assert compiled.validate(sent)["total"] == 5


# Cost --------------------------------------------------------------------------------------------------------------


def test_a_pattern_made_to_explode_stays_fast() -> None:
    compiled = form(field("textfield", validate={"pattern": "^(a+)+$"}))
    begun = time.perf_counter()
    assert "it" in problems(compiled, {"it": "a" * 19_999 + "b"})
    assert time.perf_counter() - begun < 1


def test_five_hundred_rows_are_checked_within_a_second() -> None:
    rows = [{"name": f"goal {number}", "weight": number, "owner": "ann"} for number in range(500)]
    begun = time.perf_counter()
    assert len(form(goals()).validate({"goals": rows}, {"people": ["ann", "bob"]})["goals"]) == 500
    assert time.perf_counter() - begun < 1
