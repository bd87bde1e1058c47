"""Lets Hadoop's S3A rename objects in a bucket with SSE-KMS.

S3A renames by CopyObject with the KMS key from HeadObject, and the SDK for Java 1 refuses to send a KMS key
over plain HTTP. HeadObject therefore hides the key from Hadoop; the bucket's default encryption applies the
same key to the copy.
"""

from collections.abc import Awaitable, Callable
from typing import Any

_ENCRYPTION = b"x-amz-server-side-encryption"  # a prefix: the key ID's header starts with it

Send = Callable[[dict[str, Any]], Awaitable[None]]


def without_encryption(scope: dict[str, Any], send: Send) -> Send:
    """Wraps `send` to drop the encryption headers from responses to Hadoop."""
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
