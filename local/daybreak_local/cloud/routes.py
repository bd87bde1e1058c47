"""The local cloud's own HTTP routes, below /_daybreak/; everything else is AWS."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from daybreak_local.cloud.scope import on_loop

PREFIX = "/_daybreak/"
LARGEST_BODY = 1024 * 1024

Answer = tuple[int, Any]


class Routes:
    """Answers /_daybreak/status, /_daybreak/flush and /_daybreak/slack, a stand-in for a Slack webhook."""

    def __init__(self, status: Callable[[], Any], flush: Callable[[], Any]) -> None:
        self._messages: list[dict[str, Any]] = []
        self._handlers: dict[tuple[str, str], Callable[[bytes], Answer]] = {
            ("POST", "slack"): self._post_slack,
            ("GET", "slack"): lambda _: (200, {"messages": self._messages}),
            ("GET", "status"): lambda _: (200, on_loop(status)),
            ("POST", "flush"): lambda _: (200, flush()),
        }

    async def answer(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Handles one ASGI request whose path starts with /_daybreak/."""
        status, content = await self._dispatch(scope["method"], scope["path"], receive)
        text = isinstance(content, str)
        body = content.encode() if text else json.dumps(content, default=str).encode()
        content_type = b"text/plain" if text else b"application/json"
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _dispatch(self, method: str, path: str, receive: Any) -> Answer:
        body = await _read(receive)
        if body is None:
            return 413, {"error": f"A body may have at most {LARGEST_BODY} bytes."}
        handler = self._handlers.get((method, path.removeprefix(PREFIX).rstrip("/")))
        if handler is None:
            known = ", ".join(f"{verb} {PREFIX}{name}" for verb, name in self._handlers)
            return 404, {"error": f"There is no {method} {path}. There are: {known}."}
        # Not on the event loop, which serves the S3 requests that a flush waits for.
        return await asyncio.to_thread(handler, body)

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


async def _read(receive: Any) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return body
