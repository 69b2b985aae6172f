"""How times, numbers and states are told: as words in the reader's language, with the exact value at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel import dates, numbers
from flask import Flask, g
from flask_babel import get_locale, get_timezone

from engine.errors import NotFound
from engine.form_words import FormWords
from web.container import services
from web.i18n import gettext, ngettext, process_text
from web.pages.names import shown
from web.pages.words import KEYS, PEOPLE_KEYS, TABLES, VALUES

SOON = timedelta(days=2)
RELATIVE_FOR = timedelta(days=14)
YEARS = range(1990, 2101)
TIME_ZONES_REACH = range(2, 9999)
"""Years whose every moment exists in every time zone."""
PLAIN_UP_TO = 1e15
"""Larger numbers are written with a power of ten; a double does not hold their units any more."""
PLACE = re.compile(r"%\((\w+)\)s")
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+")


@dataclass(frozen=True)
class Standing:
    """A state as people see it: ``words``, a shape (``icon``) and a colour (``kind``)."""

    words: str
    kind: str
    icon: str


def init_app(app: Flask) -> None:
    """Give the templates their filters."""
    app.jinja_env.filters.update(
        relative_time=relative_time,
        exact_time=exact_time,
        is_recent=is_recent,
        short_day=short_day,
        clock_time=clock_time,
        figure=figure,
        percent=percent,
        told=told,
        said=said,
        key_label=key_label,
        columns_of=columns_of,
        in_natural_order=in_natural_order,
        holds_people=holds_people,
        as_moment=as_moment,
        is_numeric=is_numeric,
        is_table=is_table,
    )
    app.jinja_env.globals.update(due_standing=due_standing)
    app.jinja_env.tests.update(blank=is_blank, message=is_message)


def today() -> date:
    """The day that it is in the installation's time zone."""
    return datetime.now(get_timezone()).date()


def relative_time(moment: datetime, now: datetime | None = None) -> str:
    """``3 hours ago``, ``in 2 days``; beyond two weeks the day itself."""
    difference = moment - (now or datetime.now(UTC))
    if abs(difference) > RELATIVE_FOR:
        return short_day(moment)
    return dates.format_timedelta(difference, add_direction=True, locale=get_locale(), threshold=1.2)


def is_recent(moment: datetime) -> bool:
    """Whether :func:`relative_time` counts from now, so that the words go stale while a page stays open."""
    return abs(moment - datetime.now(UTC)) <= RELATIVE_FOR


def clock_time(moment: datetime) -> str:
    """``14:08``, in the installation's time zone."""
    return dates.format_time(moment, "HH:mm", tzinfo=get_timezone(), locale=get_locale())


def exact_time(moment: datetime | date) -> str:
    """The full day, and for a moment the minute and time zone, of the installation's zone."""
    if isinstance(moment, datetime):
        local = moment.astimezone(get_timezone())
        written = dates.format_datetime(local, "d MMMM y HH:mm", tzinfo=get_timezone(), locale=get_locale())
        if str(get_locale()).startswith("zh"):
            written = dates.format_datetime(
                local, "y年M月d日 HH:mm", tzinfo=get_timezone(), locale=get_locale()
            )
        return f"{written} {local.tzname()}"
    return dates.format_date(moment, "full", locale=get_locale())


def short_day(moment: datetime | date) -> str:
    """``4 Nov 2026``: the day without the time."""
    day = moment.astimezone(get_timezone()).date() if isinstance(moment, datetime) else moment
    pattern = "y年M月d日" if str(get_locale()).startswith("zh") else "d MMM y"
    return dates.format_date(day, pattern, locale=get_locale())


def due_standing(due: datetime, now: datetime | None = None) -> Standing:
    """How a due time stands: overdue, soon, or far enough."""
    left = due - (now or datetime.now(UTC))
    if left < timedelta(0):
        return Standing(_overdue(-left), "negative", "circle-alert")
    told_time = dates.format_timedelta(left, locale=get_locale(), threshold=1.2)
    if left < SOON:
        return Standing(gettext("due in %(time)s", time=told_time), "warning", "clock")
    if left > RELATIVE_FOR:
        return Standing(gettext("due %(day)s", day=short_day(due)), "neutral", "clock")
    return Standing(gettext("due in %(time)s", time=told_time), "neutral", "clock")


def _overdue(late: timedelta) -> str:
    if late < timedelta(hours=1):
        return gettext("just overdue")
    if late < timedelta(days=1):
        hours = int(late.total_seconds() // 3600)
        return ngettext("%(num)d hour overdue", "%(num)d hours overdue", hours)
    return ngettext("%(num)d day overdue", "%(num)d days overdue", late.days)


def figure(number: float | None) -> str:
    """A number with the reader's separators and at most three decimals; what may be a year is not grouped."""
    if number is None:
        return "–"
    if abs(number) >= PLAIN_UP_TO:
        return numbers.format_scientific(number, format="0.###E0", locale=get_locale())
    is_year = isinstance(number, int) and number in YEARS
    return numbers.format_decimal(number, format="0" if is_year else "#,##0.###", locale=get_locale())


def percent(rate: float | None) -> str:
    """A rate that is given in per cent, with at most one decimal."""
    if rate is None:
        return "–"
    if abs(rate) >= PLAIN_UP_TO:
        return f"{figure(rate)}%"
    return numbers.format_percent(
        rate / 100, format="#,##0.#%", decimal_quantization=True, locale=get_locale()
    )


def told(text: str, process_key: str = "") -> str:
    """Text from data as people read it.

    Known words (``approve``, ``growth``) and names of roles are translated, days written out, codes spelled
    (``goal_completion``); everything else is left as it was written.
    """
    if text in VALUES:
        return str(VALUES[text])
    moment = as_moment(text)
    if moment is not None:
        return short_day(moment)
    if process_key and text in (choices := form_words(process_key).choices):
        return process_text(choices[text], process_key)
    if CODE.fullmatch(text):
        return key_label(text, process_key)
    worded = process_text(text, process_key) if process_key else text
    return worded if worded != text else shown(text)


def is_message(value: Any) -> bool:
    """Whether a value is a sentence of the program that waits for the reader's language, as findings are."""
    return (
        isinstance(value, Mapping)
        and set(value) == {"template", "params"}
        and isinstance(value["params"], Mapping)
    )


def said(message: Mapping[str, Any]) -> str:
    """That sentence in the reader's language. Only plain places are filled: it is data, and may say anything."""
    given = message["params"]
    return PLACE.sub(lambda place: str(given.get(place[1], place[0])), gettext(str(message["template"])))


def as_moment(text: str) -> date | datetime | None:
    """The day or moment that a text is in ISO 8601; None for every other text."""
    if len(text) < 10 or not text[:4].isdecimal() or text[4] != "-":
        return None
    if int(text[:4]) not in TIME_ZONES_REACH:
        return None
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def key_label(key: str, process_key: str = "") -> str:
    """A data key as a heading: the program's word for it, else the label of its form, else the key with spaces."""
    if key in KEYS:
        return str(KEYS[key])
    if process_key and key in (fields := form_words(process_key).fields):
        return process_text(fields[key], process_key)
    spaced = key.replace("_", " ").strip()
    spaced = spaced[:1].upper() + spaced[1:]
    return process_text(spaced, process_key) if process_key else gettext(spaced)


def form_words(process_key: str) -> FormWords:
    """What the process's forms call things, read once for each request; nothing for one that is not deployed."""
    known: dict[str, FormWords] = g.setdefault("form_words", {})
    if process_key not in known:
        try:
            known[process_key] = services().engine.form_words(process_key)
        except NotFound:
            known[process_key] = FormWords({}, {})
    return known[process_key]


def columns_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of rows in their natural order, without those that are empty in every row and internal ids."""
    keys = dict.fromkeys(key for row in rows for key in row)
    shown = [
        key
        for key in keys
        if key != "id" and not key.endswith("_id") and any(not is_blank(row.get(key)) for row in rows)
    ]
    return in_natural_order(shown)


def in_natural_order(keys: Sequence[str]) -> list[str]:
    """Keys as people expect to read them, see :data:`web.pages.words.TABLES`.

    Only keys in alphabetical order are put in another one: they came out of storage. Every other order is
    somebody's choice.
    """
    if list(keys) != sorted(keys):
        return list(keys)
    plain = {key: key.casefold().replace(" ", "_") for key in keys}
    table = max(TABLES, key=lambda known: len(set(known) & set(plain.values())))
    return sorted(keys, key=lambda key: table.index(plain[key]) if plain[key] in table else len(table))


def is_blank(value: Any) -> bool:
    """Whether there is nothing to show: no text, no entry, nothing at all. Zero and no are something."""
    return value is None or value == "" or value == [] or value == {}


def is_table(value: Sequence[Any]) -> bool:
    """Whether a list is all rows, so that it is shown as a table."""
    return bool(value) and all(isinstance(one, Mapping) for one in value)


def is_numeric(rows: Sequence[Mapping[str, Any]], key: str) -> bool:
    """Whether a column holds numbers, so that it is aligned as such."""
    found = [row.get(key) for row in rows if row.get(key) is not None]
    return bool(found) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in found)


def holds_people(key: str) -> bool:
    """Whether the values under a key are sign-in names."""
    return key in PEOPLE_KEYS or key.endswith(("_by", "_owner"))
