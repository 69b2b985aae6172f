"""Words in a language outside of any request: for letters, notices and the messages of webhooks."""

from __future__ import annotations

from functools import cache

from babel.support import NullTranslations, Translations

from web.i18n import LOCALES, PLAN_WORDS, PROGRAM, compile_catalogues


def say(language: str, text: str, process: str = "") -> str:
    """Those of a process, as its designer's catalogue has them, or the program's own."""
    if process:
        worded = str(_catalogue(language, process).upgettext(process, text))
        if worded != text:
            return worded
    translated = str(_catalogue(language, PROGRAM).gettext(text))
    return translated if translated != text else _plan_words(language, text)


def _plan_words(language: str, title: str) -> str:
    """A title that begins with the plain name of a plan, with that name in the language."""
    for words in PLAN_WORDS:
        if title.startswith(words) and title != words:
            return say(language, words) + title.removeprefix(words)
    return title


@cache
def _catalogue(language: str, domain: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compile_catalogues()
    return Translations.load(str(LOCALES), [language], domain)
