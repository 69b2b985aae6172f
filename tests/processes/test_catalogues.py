"""What a process shows to people is there in both Chinese scripts, with the policy's own terms."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.processes.wording import visible_texts

ROOT = Path(__file__).parents[2]
KEYS = sorted(path.parent.name for path in (ROOT / "processes").glob("*/process.bpmn"))
LANGUAGES = ("zh_Hant", "zh_Hans")

POLICY_TERMS = {
    "Operations supervisor": "運營主管",
    "Superior": "上級領導",
    "Company management": "公司管理層",
    "Annual operating plan": "年度運營計劃",
    "Quarterly operating plan": "季度運營計劃",
    "Monthly operating plan": "月度運營計劃",
    "Collect information": "信息收集",
    "Assess the present": "現狀評估",
    "Set the goals": "目標設定",
    "Compile the document": "計劃編制",
    "Approve the plan": "公司管理層批準",
    "Review the last quarter": "回顧與分析",
    "Adjust the goals": "目標調整",
    "Improve strategy and actions": "策略與行動計劃優化",
    "Brief and train the team": "內部溝通和培訓",
    "Break the tasks down": "任務分解",
    "Detail the actions": "行動計劃細化",
    "Coordinate the resources": "資源協調",
    "Key reminders": "重點工作提示",
    "Owner": "責任人",
    "Target value": "目標值",
    "Warning value": "預警值",
    "Achievement rate (%)": "達成率（%）",
    "Growth rate (%)": "增長率（%）",
    "Deviation rate (%)": "偏差率（%）",
}


def _catalogue(key: str, language: str) -> Catalog:
    path = ROOT / "locales" / language / "LC_MESSAGES" / f"{key}.po"
    assert path.exists(), f"{path} is missing"
    with path.open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize(("key", "language"), list(product(KEYS, LANGUAGES)))
def test_every_text_of_a_process_is_translated(key: str, language: str) -> None:
    catalogue = _catalogue(key, language)
    missing = []
    for text, place in visible_texts(ROOT / "processes" / key).items():
        message = catalogue.get(text, context=key)
        if message is None or not message.string or message.fuzzy:
            missing.append((place, text))
    assert missing == []


@pytest.mark.parametrize("key", KEYS)
def test_policy_terms_are_used_exactly(key: str) -> None:
    catalogue = _catalogue(key, "zh_Hant")
    given = {text: catalogue.get(text, context=key) for text in POLICY_TERMS}
    wrong = {
        text: message.string
        for text, message in given.items()
        if message is not None and message.string != POLICY_TERMS[text]
    }
    assert wrong == {}
