"""A stand-in for a Slack webhook: keeps what is posted to it, for the demo's report and for tests."""

import json
from datetime import UTC, datetime
from typing import Any


class SlackSink:
    """Messages in the order in which they came."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def post(self, body: bytes) -> tuple[int, str]:
        """Stores a message; answers as Slack does."""
        try:
            message = json.loads(body)
        except ValueError:
            return 400, "invalid_payload"
        if not isinstance(message, dict) or not (message.get("text") or message.get("blocks")):
            return 400, "no_text"
        self.messages.append({"received_at": datetime.now(UTC).isoformat(), "message": message})
        return 200, "ok"
