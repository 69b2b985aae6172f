"""Another system: it signs what it posts, as the three kinds of systems do."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from standardwebhooks.webhooks import Webhook
from werkzeug.test import TestResponse

from tests.web.conftest import Office

FIGURES = {
    "action": "message",
    "target": "figures_ready",
    "correlation": '{"quarter": body["quarter"]}',
    "variables": '{"figures": body["figures"]}',
}
STARTING = {
    "action": "start",
    "target": "request",
    "variables": '{"amount": body["amount"]}',
    "business_key": 'body["key"]',
    "groups": ["operations_supervisor"],
}
BODY = {"quarter": 1, "figures": [3, 4]}


@dataclass
class Sender:
    """A system that knows the secret of one receiver."""

    office: Office
    name: str
    secret: str

    def post(self, content: bytes, headers: dict[str, str], kind: str = "application/json") -> TestResponse:
        return self.office.app.test_client().post(
            f"/hooks/{self.name}", data=content, headers=headers, content_type=kind
        )

    def standard(
        self, body: Any = BODY, webhook_id: str = "msg_1", ago: timedelta = timedelta(), **options: Any
    ) -> TestResponse:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.post(content, self.signature(content, webhook_id, ago), **options)

    def signature(
        self, content: bytes, webhook_id: str = "msg_1", ago: timedelta = timedelta()
    ) -> dict[str, str]:
        at = datetime.now(UTC) - ago
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(
                webhook_id, at, content.decode("utf-8", "replace")
            ),
        }

    def github(self, body: Any = BODY, delivery: str = "72d3162e", **headers: str) -> TestResponse:
        content = json.dumps(body).encode()
        digest = hmac.new(self.secret.encode(), content, hashlib.sha256).hexdigest()
        signed = {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": delivery, **headers}
        return self.post(content, signed)

    def bearer(self, body: Any = BODY, **headers: str) -> TestResponse:
        content = json.dumps(body).encode()
        return self.post(content, {"Authorization": f"Bearer {self.secret}", **headers})


def made(office: Office, name: str = "erp", **fields: Any) -> Sender:
    """A receiver that an administrator has made."""
    answer = office.post("admin", "webhooks/receivers", {"name": name, **FIGURES, **fields})
    assert answer.status_code == 201, answer.get_json()
    return Sender(office, name, answer.get_json()["secret"])


def calls(office: Office, name: str = "erp") -> list[dict[str, Any]]:
    """What the operator sees, the newest first."""
    found: list[dict[str, Any]] = office.get("auditor", f"webhooks/receivers/{name}/calls").get_json()[
        "items"
    ]
    return found


def outcomes(office: Office, name: str = "erp") -> list[str]:
    return [call["outcome"] for call in calls(office, name)]


def instances(office: Office, process: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.get("admin", f"instances?process_key={process}").get_json()["items"]
    return found
