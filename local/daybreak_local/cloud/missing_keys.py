"""S3's answer for a key that does not exist, which depends on who asks.

Who may not list the bucket gets 403 AccessDenied instead of 404. The read names no prefix, so a permission to
list that has a condition on `s3:prefix` does not count.
"""

from ministack.services import s3

from daybreak_local.cloud import hooks
from daybreak_local.cloud.asgi import Scope, Send, send_response
from daybreak_local.cloud.authorization import refusal
from daybreak_local.cloud.scope import service_scope

hooks.require(s3, "_buckets")

_BODY = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def hiding(scope: Scope, access_key: str, send: Send) -> Send:
    """Wraps `send` of a request to S3."""
    bucket, _, key = scope["path"].lstrip("/").partition("/")
    if scope["method"] not in ("GET", "HEAD") or not key:
        return send
    hidden = False

    async def answer(message: dict) -> None:
        nonlocal hidden
        if message["type"] == "http.response.start" and message["status"] == 404:
            with service_scope():
                # Everyone may know that there is no such bucket.
                listing = refusal(access_key, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
                hidden = listing is not None and bucket in s3._buckets
            if hidden:
                body = b"" if scope["method"] == "HEAD" else _BODY
                await send_response(send, 403, {"content-type": "application/xml"}, body)
        if not hidden:
            await send(message)

    return answer
