"""ASGI helpers: reading and replaying a request's body, answering in JSON, hiding headers of a response."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class TooLarge(Exception):
    """The body has more bytes than allowed."""


async def read_body(receive: Receive, limit: float = float("inf")) -> bytes | None:
    """The whole body, or None if the client hung up. Raises TooLarge."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            raise TooLarge
        if not message.get("more_body"):
            return bytes(body)


def replaying(body: bytes, receive: Receive) -> Receive:
    """A `receive` that delivers a body that was read before."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> dict[str, Any]:
        return messages.pop() if messages else await receive()

    return replay


async def answer(send: Send, status: int, content: Any) -> None:
    """Sends a text as it is, and anything else as JSON."""
    text = isinstance(content, str)
    body = content.encode() if text else json.dumps(content, default=str).encode()
    await send_response(send, status, {"content-type": "text/plain" if text else "application/json"}, body)


async def send_response(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    """Sends a complete response."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def without_headers(send: Send, prefix: bytes) -> Send:
    """Wraps `send` to drop the response headers with this prefix."""

    async def filtered(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, value) for name, value in message["headers"] if not name.lower().startswith(prefix)
            ]
            message = {**message, "headers": headers}
        await send(message)

    return filtered
