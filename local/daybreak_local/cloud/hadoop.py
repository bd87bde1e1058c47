"""Lets Hadoop's S3A rename objects in a bucket that is encrypted with a KMS key.

S3A copies an object with the key that HeadObject names, and the SDK for Java 1 refuses to send a request
that names a key over plain HTTP. Here nothing leaves the machine, so Hadoop is not told of the key: the copy
is encrypted by the bucket's default, which is the same one.
"""

from collections.abc import Awaitable, Callable
from typing import Any

_ENCRYPTION = b"x-amz-server-side-encryption"  # and what begins with it: the key's id

Send = Callable[[dict[str, Any]], Awaitable[None]]


def without_encryption(scope: dict[str, Any], send: Send) -> Send:
    """`send`, without the headers on encryption when Hadoop asks."""
    agent = dict(scope["headers"]).get(b"user-agent", b"")
    if not agent.startswith(b"Hadoop"):
        return send

    async def filtered(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, value)
                for name, value in message["headers"]
                if not name.lower().startswith(_ENCRYPTION)
            ]
            message = {**message, "headers": headers}
        await send(message)

    return filtered
