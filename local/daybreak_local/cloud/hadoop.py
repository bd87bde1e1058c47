"""Lets Hadoop's S3A rename objects in a bucket with SSE-KMS.

S3A renames by CopyObject with the KMS key from HeadObject, and the SDK for Java 1 refuses to send a KMS key
over plain HTTP. HeadObject therefore hides the key from Hadoop; the bucket's default encryption applies the
same key to the copy.
"""

from daybreak_local.cloud.asgi import Scope, Send, without_headers

_ENCRYPTION = b"x-amz-server-side-encryption"  # a prefix: the key ID's header starts with it


def without_encryption(scope: Scope, send: Send) -> Send:
    """Wraps `send` to drop the encryption headers from responses to Hadoop."""
    agent = dict(scope["headers"]).get(b"user-agent", b"")
    return without_headers(send, _ENCRYPTION) if agent.startswith(b"Hadoop") else send
