"""``http.post`` and ``http.get`` as operations that service tasks name. They run outside of any transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from engine.operations import OutsideCall, OutsideOperation, PermanentFailure, TemporaryFailure, outside
from engine.outgoing.client import Outgoing
from engine.outgoing.errors import OutgoingError
from engine.outgoing.request import Method, http_request


def http_operations(outgoing: Outgoing) -> dict[str, OutsideOperation]:
    """By the names that models use. See `http_request` for inputs, outputs and errors.

    A post that names no ``idempotency_key`` carries the key of its call: a repetition can be told by it.
    """
    return {
        "http.post": outside(partial(_called, outgoing, "POST")),
        "http.get": outside(partial(_called, outgoing, "GET")),
    }


def _called(
    outgoing: Outgoing, method: Method, whose: OutsideCall, inputs: Mapping[str, Any]
) -> dict[str, Any]:
    given = dict(inputs)
    if method == "POST" and given.get("idempotency_key") is None:
        given["idempotency_key"] = whose.key
    try:
        return http_request(outgoing, given, method)
    except OutgoingError as error:
        if not error.retried:
            raise PermanentFailure(error.template, **error.params) from error
        if error.retry_after:
            raise TemporaryFailure(
                error.template, timedelta(seconds=error.retry_after), **error.params
            ) from error
        raise
