"""Languages: which one a request is answered in, and where its words come from.

English is the source. ``messages`` holds the words of the program itself; every process has a domain of its own,
named for its key, whose catalogues translate what its designer wrote (names, form labels, outcomes), with the
key as gettext context. Compiled catalogues (``.mo``) are made from the ``.po`` files when they are older.
``python -m web.i18n compile`` does the same by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, format_datetime, get_locale
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext
from flask_login import current_user
from lxml import etree

from engine.messages import translatable
from engine.xml import parse

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_Hant": "繁體中文", "zh_Hans": "简体中文"}
"""The languages that people can choose, each named in itself."""

COOKIE = "language"
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*")
PROGRAM = "messages"
"""The domain of the program's own words."""
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
LOCALES = Path(__file__).resolve().parent.parent / "locales"


def init_app(app: Flask) -> None:
    """Make the app speak the languages; compiles stale catalogues first."""
    compile_catalogues()
    Babel(
        app,
        default_locale="en",
        default_translation_directories=str(LOCALES),
        locale_selector=choose_language,
    )
    app.jinja_env.filters["process_text"] = process_text
    app.jinja_env.filters["any_process_text"] = any_process_text
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, language=language, language_tag=language_tag)


def gettext(text: str, **params: Any) -> str:
    """The program's own words in the reader's language."""
    return str(_gettext(text, **params))


def ngettext(one: str, many: str, num: int, **params: Any) -> str:
    """The same for a counted thing; ``num`` is also a parameter."""
    return str(_ngettext(one, many, num, **params))


def choose_language() -> str:
    """The signed-in person's preference, else the cookie, else what the browser asks for, else English."""
    if not has_request_context():
        return "en"
    wishes = [_preference(), request.cookies.get(COOKIE)]
    wishes += [tag for tag, _quality in request.accept_languages]
    return next((known for known in map(match_language, wishes) if known), "en")


def _preference() -> str | None:
    return current_user.person.language if current_user and current_user.is_authenticated else None


def match_language(tag: str | None) -> str | None:
    """Our language for a language tag: ``zh-TW``, ``zh-HK``, ``zh-MO`` are Hant, other Chinese is Hans."""
    if not tag:
        return None
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] == "zh":
        traditional = {"hant", "tw", "hk", "mo"} & set(parts[1:]) and "hans" not in parts
        return "zh_Hant" if traditional else "zh_Hans"
    return "en" if parts[0] == "en" else None


def language() -> str:
    """The language of this request, as in :data:`LANGUAGES`."""
    locale = get_locale()
    return match_language(str(locale)) or "en" if locale else "en"


def language_tag() -> str:
    """The same as HTML and HTTP write it: ``zh-Hant``."""
    return language().replace("_", "-")


def process_text(text: str | None, process_key: str) -> str:
    """What a process's designer wrote, in the reader's language.

    Text that the process's catalogue does not hold is looked for among the program's own words, then left.
    """
    if not text:
        return ""
    catalogue = _domain(process_key).get_translations()
    translated = str(catalogue.upgettext(process_key, text))
    return translated if translated != text else gettext(text)


def any_process_text(text: str) -> str:
    """The same for text of which it is not known which process said it, such as a notice, line by line."""
    return "\n".join(_anywhere(line) for line in text.split("\n"))


def _anywhere(line: str) -> str:
    for key in process_domains():
        translated = process_text(line, key)
        if translated != line:
            return translated
    return plan_words(line)


@cache
def process_domains() -> tuple[str, ...]:
    """The keys of the processes that have catalogues."""
    return tuple(sorted({path.stem for path in LOCALES.glob("*/LC_MESSAGES/*.po")} - {PROGRAM}))


def process_title(title: str | None, name: str | None, process_key: str) -> str:
    """An instance's title, in which the name of the process or of its plan is put in the reader's language."""
    if not title:
        return process_text(name, process_key)
    if name and name in title:
        return title.replace(name, process_text(name, process_key))
    return plan_words(title)


PLAN_WORDS = (
    translatable("Annual operating plan"),
    translatable("Quarterly operating plan"),
    translatable("Monthly operating plan"),
    translatable("Adjustment of the plan"),
    translatable("Quarterly review"),
)
"""How titles begin that nobody worded: ``Annual operating plan 2027``."""


COLON = translatable(": ")
"""What stands between the plain part of a title and what somebody said."""


def plan_words(title: str) -> str:
    """A title that begins with the plain name of a plan, with that name in the reader's language."""
    for words in PLAN_WORDS:
        if title.startswith(words):
            period, colon, said = title.removeprefix(words).partition(COLON)
            return gettext(words) + period + (gettext(COLON) if colon else "") + said
    return title


def translated_diagram(xml: bytes, process_key: str) -> str:
    """A BPMN document whose names are in the reader's language; nothing else about it changes."""
    root = parse(xml, process_key)
    for element in root.iter(tag=etree.Element):
        name = element.get("name")
        if name and etree.QName(element).namespace == BPMN:
            element.set("name", process_text(name, process_key))
    return etree.tostring(root, encoding="unicode")


def process_description(xml: bytes, process_key: str) -> str:
    """What the designer says of a process, in the reader's language; empty when nothing is said."""
    for process in parse(xml, process_key).iterfind(f"{{{BPMN}}}process"):
        if process.get("id") == process_key:
            return process_text((process.findtext(f"{{{BPMN}}}documentation") or "").strip(), process_key)
    return ""


def translated_error(error: Any) -> str:
    """The message of a PlanFlowError or FieldProblem in the reader's language, and so what it is filled with."""
    template = gettext(error.template)
    if not error.params:
        return template
    return template % {name: _told(value) for name, value in error.params.items()}


def _told(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if MOMENT.fullmatch(value):
        with suppress(ValueError, OverflowError):  # text of people may look like a moment that never is
            return format_datetime(datetime.fromisoformat(value), _moment_pattern())
    return any_process_text(value)


def _moment_pattern() -> str:
    """As the pages write it: no reader takes the day for the month."""
    return "y年M月d日 HH:mm" if str(get_locale()).startswith("zh") else "d MMM y HH:mm"


def compile_catalogues() -> list[Path]:
    """Compile every catalogue whose source is newer, and return those that were made."""
    made = []
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            _compile(source, target)
            made.append(target)
    return made


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as readable:
        catalogue = read_po(readable, locale=Locale.parse(source.parent.parent.name))
    # Two processes may compile at once: each writes a file of its own, and the last one stays.
    with NamedTemporaryFile(dir=target.parent, suffix=".part", delete=False) as unfinished:
        write_mo(unfinished, catalogue)
    Path(unfinished.name).replace(target)
    target.chmod(0o644)


@cache
def _domain(process_key: str) -> Domain:
    return Domain(translation_directories=[str(LOCALES)], domain=process_key)


if __name__ == "__main__":
    if sys.argv[1:] != ["compile"]:
        sys.exit("usage: python -m web.i18n compile")
    for path in compile_catalogues():
        sys.stdout.write(f"{path.relative_to(LOCALES)}\n")
