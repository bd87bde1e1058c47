"""The local cloud's own HTTP routes, below /_daybreak/; everything else is AWS."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from daybreak_local.cloud.slack import SlackSink

PREFIX = "/_daybreak/"
LARGEST_BODY = 1024 * 1024

Answer = tuple[int, Any]


class Routes:
    """Answers /_daybreak/slack, /_daybreak/status and /_daybreak/flush."""

    def __init__(
        self, slack: SlackSink, status: Callable[[], dict[str, Any]], flush: Callable[[], Any]
    ) -> None:
        self._slack = slack
        self._status = status
        self._flush = flush

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
        handlers: dict[tuple[str, str], Callable[[bytes], Awaitable[Answer]]] = {
            ("POST", "slack"): self._post_slack,
            ("GET", "slack"): self._get_slack,
            ("GET", "status"): self._get_status,
            ("POST", "flush"): self._post_flush,
        }
        handler = handlers.get((method, path.removeprefix(PREFIX).rstrip("/")))
        if handler is None:
            known = ", ".join(f"{verb} {PREFIX}{name}" for verb, name in handlers)
            return 404, {"error": f"There is no {method} {path}. There are: {known}."}
        return await handler(body)

    async def _post_slack(self, body: bytes) -> Answer:
        return self._slack.post(body)

    async def _get_slack(self, _body: bytes) -> Answer:
        return 200, {"messages": self._slack.messages}

    async def _get_status(self, _body: bytes) -> Answer:
        return 200, self._status()

    async def _post_flush(self, _body: bytes) -> Answer:
        return 200, await asyncio.to_thread(self._flush)


async def _read(receive: Any) -> bytes | None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return body
