"""Which language is answered in, and that nothing of the program stays English in the others."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from engine.errors import Conflict
from tests.web.pages.conftest import Year
from web import messages
from web.i18n import LANGUAGES, match_language, translated_error

CHINESE = [language for language in LANGUAGES if language != "en"]
SUPERVISOR = "operations_supervisor"
TRADITIONAL_ONLY = set("計劃發審導變數據選擇領準備開關頁錯誤應當說處員組長單項執無從與")


class _Words(HTMLParser):
    """The texts of a page that people see or hear, without scripts and without what is another language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "code"):
            self._silent += 1
        self.found += [
            value for name, value in attrs if name in ("aria-label", "title", "placeholder") and value
        ]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "code"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(" ".join(data.split()))


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-TW", "zh_Hant"),
        ("zh-HK", "zh_Hant"),
        ("zh-Hant-MO", "zh_Hant"),
        ("zh-CN", "zh_Hans"),
        ("zh-SG", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("zh-Hans-HK", "zh_Hans"),
        ("en-GB", "en"),
        ("de-DE", None),
        ("", None),
    ],
)
def test_a_language_tag_is_understood(tag: str, language: str | None) -> None:
    assert match_language(tag) == language


def test_the_browser_is_answered_in_the_first_language_that_is_there(year: Year) -> None:
    page = year.app.test_client().get("/sign-in", headers={"Accept-Language": "de, zh-TW;q=0.8, en;q=0.5"})
    assert '<html lang="zh-Hant">' in page.get_data(as_text=True)


@pytest.mark.parametrize("language", CHINESE)
@pytest.mark.parametrize("domain", messages.domains())
def test_a_catalogue_is_complete_sure_and_keeps_its_places(domain: str, language: str) -> None:
    assert list(messages.problems(domain, language)) == []


@pytest.mark.parametrize("domain", messages.domains())
def test_simplified_chinese_holds_no_traditional_characters(domain: str) -> None:
    told = "".join(str(message.string) for message in messages.read(domain, "zh_Hans") if message.id)
    assert TRADITIONAL_ONLY.isdisjoint(told)


def _paths(year: Year) -> list[str]:
    return [
        "/inbox",
        f"/inbox?task={year.task('Review the last quarter')}",
        "/start",
        "/start/annual_plan",
        "/processes/annual_plan",
        "/instances",
        f"/instances/{year.instance('Adjustment of the plan')}",
        f"/instances/{year.instance('Annual operating plan 2026')}?history=all",
        "/plans",
        f"/plans/{year.plan('2026')}",
        "/notices",
        "/profile",
        "/about",
        "/nowhere",
    ]


@pytest.mark.parametrize("language", CHINESE)
def test_no_word_of_the_program_stays_english(year: Year, language: str) -> None:
    known = {
        str(message.id)
        for message in messages.collect(messages.PROGRAM)
        if message.id and re.search("[a-z]{3}", str(message.id))
    }
    client = year.client(SUPERVISOR, language)
    for path in _paths(year):
        words = _Words()
        words.feed(client.get(path).get_data(as_text=True))
        left = {text.strip(" .:·") for text in words.found} & (known - {"REST API"})
        assert left == set(), f"{path}: {left}"


def test_the_terms_of_the_policy_are_used(year: Year) -> None:
    client = year.client(SUPERVISOR, "zh_Hant")
    page = client.get(f"/plans/{year.plan('2026')}").get_data(as_text=True)
    for term in ("目標值", "預警值", "達成率", "增長率", "責任人", "年度運營計劃", "運營主管"):
        assert term in page
    assert "季度運營計劃" in client.get("/start").get_data(as_text=True)


def test_a_diagram_and_a_form_are_translated_before_they_reach_the_browser(year: Year) -> None:
    page = year.client(SUPERVISOR, "zh_Hant").get("/start/annual_plan").get_data(as_text=True)
    assert r"\u5e74\u5ea6\u904b\u71df\u8a08\u5283" in page  # 年度運營計劃, as JSON in the page writes it


def test_an_error_is_translated_with_what_it_is_filled_with(year: Year) -> None:
    with year.app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        error = Conflict(
            "“%(name)s” was completed by %(person)s on %(time)s.",
            name="Approve the plan",
            person="Operations supervisor",
            time="2026-11-23 22:46+00:00",
        )
        told = translated_error(error)
    assert "公司管理層批準" in told
    assert "運營主管" in told
    assert "+00:00" not in told
