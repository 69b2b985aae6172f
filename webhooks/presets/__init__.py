"""Presets: who is written to in another form than as a signed CloudEvent, and how its answers are understood."""

from __future__ import annotations

from collections.abc import Mapping

from webhooks.presets import dingtalk, feishu, wecom
from webhooks.presets.preset import Message, Posted, Preset, Verdict

PRESETS: Mapping[str, Preset] = {each.name: each for each in (dingtalk.PRESET, feishu.PRESET, wecom.PRESET)}

__all__ = ["PRESETS", "Message", "Posted", "Preset", "Verdict"]
