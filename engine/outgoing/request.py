"""The operations ``http.post`` and ``http.get`` of service tasks, apart from where they are run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NoReturn

from engine.errors import BpmnError, FieldProblem, Invalid
from engine.messages import translatable as _
from engine.outgoing.answer import Answer
from engine.outgoing.client import Outgoing
from engine.outgoing.errors import OversizedAnswer, Unavailable, UnreadableAnswer
from engine.outgoing.secrets import Used
from engine.outgoing.target import Target

Method = Literal["POST", "GET"]

INPUTS: Mapping[Method, frozenset[str]] = {
    "POST": frozenset({"url", "body", "headers", "timeout", "idempotency_key"}),
    "GET": frozenset({"url", "headers", "timeout"}),
}
LONGEST_KEY = 255
_WRONG = _("The inputs of the request cannot be used.")


def http_request(outgoing: Outgoing, inputs: Mapping[str, Any], method: Method = "POST") -> dict[str, Any]:
    """Send one request for a service task, and return ``{"status", "headers", "body"}``.

    Inputs: ``url``; ``body``, any JSON value (POST); ``headers``, texts by name, in which ``secret:NAME`` is a secret
    of the installation; ``timeout`` in seconds; ``idempotency_key``, sent as ``Idempotency-Key`` (POST). The body that
    comes back is JSON where its header says so, else text, and None where there is none.

    Raises Invalid for inputs, BpmnError ``HTTP_404`` (or whatever status) for a redirect or a refusal, and
    OutgoingError for the rest, whose ``retried`` says whether it may be tried again: no connection, 408, 425, 429
    and 5xx.
    """
    _check(inputs, method)
    target = outgoing.target(inputs["url"])
    settings = outgoing.settings
    private = target.encrypted or settings.allowed.covers(target.host)
    headers, used = settings.secrets.put_in(_headers(inputs, method), target.host, private)
    if method == "GET":
        answer = outgoing.get(inputs["url"], headers, inputs.get("timeout"))
    else:
        answer = outgoing.post(inputs["url"], _content(inputs), headers, inputs.get("timeout"))
    if not answer.ok:
        _refused(answer, target)
    return _outputs(answer, target, used, settings.answer_bytes)


def _check(inputs: Mapping[str, Any], method: Method) -> None:
    problems = [
        FieldProblem(name, _("There is no such input.")) for name in sorted(inputs.keys() - INPUTS[method])
    ]
    if not isinstance(inputs.get("url"), str):
        problems.append(FieldProblem("url", _("A text is needed.")))
    if not _is_texts(inputs.get("headers") or {}):
        problems.append(FieldProblem("headers", _("An object of texts is needed.")))
    if not _is_seconds(inputs.get("timeout")):
        problems.append(FieldProblem("timeout", _("A number of seconds above zero is needed.")))
    if not _is_key(inputs.get("idempotency_key")):
        problems.append(
            FieldProblem(
                "idempotency_key",
                _("A text of at most %(limit)d ASCII characters is needed."),
                {"limit": LONGEST_KEY},
            )
        )
    if problems:
        raise Invalid(_WRONG, problems)


def _is_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(part, str) for pair in value.items() for part in pair
    )


def _is_seconds(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and value > 0)


def _is_key(value: Any) -> bool:
    return value is None or (
        isinstance(value, str) and 0 < len(value) <= LONGEST_KEY and value.isascii() and value.isprintable()
    )


def _headers(inputs: Mapping[str, Any], method: Method) -> dict[str, str]:
    """What is sent beside the body; what the designer chose comes last and counts."""
    headers = {"accept": "application/json, */*;q=0.5"}
    if method == "POST":
        headers["content-type"] = "application/json"
    if inputs.get("idempotency_key"):
        headers["idempotency-key"] = inputs["idempotency_key"]
    return headers | {name.lower(): value for name, value in (inputs.get("headers") or {}).items()}


def _content(inputs: Mapping[str, Any]) -> bytes:
    if "body" not in inputs:
        return b""
    try:
        return json.dumps(inputs["body"], ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise Invalid(_WRONG, [FieldProblem("body", _("A JSON value is needed."))]) from None


def _refused(answer: Answer, target: Target) -> NoReturn:
    if answer.retried:
        raise Unavailable(target.origin, answer.status, answer.retry_after())
    raise BpmnError(f"HTTP_{answer.status}", f"{target.origin} answered with status {answer.status}")


def _outputs(answer: Answer, target: Target, used: Used, limit: int) -> dict[str, Any]:
    if answer.cut:
        raise OversizedAnswer(target.origin, limit)
    if answer.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
        raise UnreadableAnswer(target.origin, "plain text")
    body = used.hide(_read(answer, target))
    return {"status": answer.status, "headers": used.hide(dict(answer.headers)), "body": body}


def _read(answer: Answer, target: Target) -> Any:
    if not answer.body:
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return answer.text
    try:
        return json.loads(answer.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise UnreadableAnswer(target.origin, "JSON") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
