"""The settings of the log: its form, and how much is written."""

from __future__ import annotations

from dataclasses import dataclass

from web.outgoing_settings import Reader

FORMS = ("text", "json")
LEVELS = ("info", "warning", "error")


@dataclass(frozen=True)
class LogSettings:
    """``form`` is ``text`` for people or ``json`` for machines; None: as there is a terminal or not.

    ``level`` is the least that is written: ``info``, ``warning``, ``error``; None: ``info`` by what serves or works,
    ``warning`` by every other command, whose own words are what people want to read.
    """

    form: str | None = None
    level: str | None = None


def log_settings(reader: Reader) -> LogSettings:
    """Read them. Raises SettingsError naming the variable that cannot be used."""
    return LogSettings(
        reader.value("PLANFLOW_LOG_FORMAT", _form, None), reader.value("PLANFLOW_LOG_LEVEL", _level, None)
    )


def _form(text: str) -> str | None:
    if text not in FORMS:
        raise ValueError("write text or json")
    return text


def _level(text: str) -> str | None:
    if text not in LEVELS:
        raise ValueError("write info, warning or error")
    return text
