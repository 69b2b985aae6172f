"""Whether traces are kept. OpenTelemetry's own variables say so and where to; its SDK reads the rest of them itself."""

from __future__ import annotations

from urllib.parse import urlsplit

from web.outgoing_settings import Reader

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def traces_wanted(reader: Reader) -> bool:
    """Whether an endpoint is set, or the exporter chosen, and neither is switched off.

    Raises SettingsError for what the variables ask for and PlanFlow does not have.
    """
    if reader.value("OTEL_SDK_DISABLED", _is_true, False):
        return False
    chosen = reader.value("OTEL_TRACES_EXPORTER", _exporter, None)
    endpoints = [reader.value(name, _endpoint, None) for name in ENDPOINTS]
    if chosen == "none" or (chosen is None and not any(endpoints)):
        return False
    for name in PROTOCOLS:
        reader.value(name, _protocol, None)
    return True


def _is_true(text: str) -> bool:
    return text.lower() == "true"


def _exporter(text: str) -> str | None:
    if text not in ("otlp", "none"):
        raise ValueError("write otlp or none")
    return text


def _endpoint(text: str) -> str | None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("write an address such as http://localhost:4318")
    return text


def _protocol(text: str) -> str | None:
    if text != "http/protobuf":
        raise ValueError("only http/protobuf can be sent")
    return text
