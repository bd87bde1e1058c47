"""The local cloud's own HTTP routes, below /_daybreak/; everything else is AWS."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

from daybreak_local.cloud.asgi import Receive, Scope, Send, TooLarge, answer, read_body
from daybreak_local.cloud.root_keys import RootKeys
from daybreak_local.cloud.scope import on_loop

PREFIX = "/_daybreak/"
LARGEST_BODY = 1024 * 1024

Answer = tuple[int, Any]


class Routes:
    """Answers /_daybreak/status, /_daybreak/flush and /_daybreak/slack, a stand-in for a Slack webhook.

    The webhook's URL ends with a secret token, as Slack's do; the other routes take root's key pair as the
    user and password of HTTP basic authentication.
    """

    def __init__(self, keys: RootKeys, status: Callable[[], Any], flush: Callable[[], Any]) -> None:
        self._keys = keys
        self._messages: list[dict[str, Any]] = []
        self._handlers: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "slack"): lambda: (200, {"messages": self._messages}),
            ("GET", "status"): lambda: (200, on_loop(status)),
            ("POST", "flush"): lambda: (200, flush()),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI request whose path starts with /_daybreak/."""
        try:
            body = await read_body(receive, LARGEST_BODY)
        except TooLarge:
            await answer(send, 413, {"error": f"A body may have at most {LARGEST_BODY} bytes."})
            return
        if body is not None:
            # Not on the event loop, which serves the S3 requests that a flush waits for.
            await answer(send, *await asyncio.to_thread(self._dispatch, scope, body))

    def _dispatch(self, scope: Scope, body: bytes) -> Answer:
        method, name = scope["method"], scope["path"].removeprefix(PREFIX).rstrip("/")
        if method == "POST" and compare_digest(name.encode(), f"slack/{self._keys.slack_token}".encode()):
            return self._post_slack(body)
        authorization = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        if not self._keys.permits(authorization):
            message = "Send root's access key ID and secret access key with HTTP basic authentication."
            return 401, {"error": message}
        handler = self._handlers.get((method, name))
        if handler is None:
            known = ", ".join(f"{verb} {PREFIX}{route}" for verb, route in self._handlers)
            return 404, {"error": f"There is no {method} {scope['path']}. There are: {known}."}
        return handler()

    def _post_slack(self, body: bytes) -> Answer:
        """Stores a message for reports and tests; responds as Slack does."""
        try:
            message = json.loads(body)
        except ValueError:
            return 400, "invalid_payload"
        if not isinstance(message, dict) or not (message.get("text") or message.get("blocks")):
            return 400, "no_text"
        self._messages.append({"received_at": datetime.now(UTC).isoformat(), "message": message})
        return 200, "ok"
