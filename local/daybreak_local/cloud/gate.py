"""Decides which requests reach ministack: signed ones, sent to a loopback name by a program.

ministack lets every web page call it (CORS `*`), takes requests without a signature and root's with any
signature, and opens its administration to everyone. Any page that a developer visits could then run commands
as that developer, in a Lambda function. Here a request is refused unless it names this machine as its host,
comes from no web page, and carries a valid signature of a key that this cloud issued.
"""

import re
import uuid
from urllib.parse import parse_qs, quote

from ministack import app as ministack_app
from ministack.core import iam_evaluator, sigv4
from ministack.core.iam_evaluator import AuthError
from ministack.services import s3

from daybreak_local.cloud import hooks
from daybreak_local.cloud.asgi import (
    App,
    Receive,
    Scope,
    Send,
    answer,
    read_body,
    replaying,
    send_response,
    without_headers,
)
from daybreak_local.cloud.missing_keys import hiding
from daybreak_local.cloud.routes import PREFIX

# Paths of the emulator that AWS does not have.
_ADMINISTRATION = ("/_ministack/", "/_localstack/")
# Names of this machine that no DNS server can give to another page, and S3's virtual hosts below them.
_OWN_HOST = re.compile(r"(127\.0\.0\.1|\[::1\]|([a-z0-9.-]+\.)?localhost)(:\d+)?", re.IGNORECASE)


class Gate:
    """The ASGI application in front of ministack and of the local cloud's own routes."""

    def __init__(self, aws: App, routes: App, root_key: str) -> None:
        hooks.require(ministack_app, "_credential_failure", "_routing_params", "detect_service")
        hooks.require(s3, "_verify_presigned_sigv4")
        hooks.require(
            iam_evaluator, "pin_signed_request", "pin_signed_body", "check_credentials", "_anonymous"
        )
        # ministack takes `test`, every account ID and no key at all for root, and never checks its signature.
        hooks.replace(iam_evaluator, "is_root_access_key", lambda access_key_id: access_key_id == root_key)
        hooks.replace(iam_evaluator, "_is_root_key", lambda access_key_id: False)
        self._aws = aws
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._aws(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif refusal := _foreign(_headers(scope)):
            await answer(send, 403, {"error": refusal})
        elif scope["path"].startswith(PREFIX):
            await self._routes(scope, receive, send)
        elif scope["path"].startswith(_ADMINISTRATION):
            await answer(send, 403, {"error": "The emulator's administration is closed in the local cloud."})
        else:
            await self._signed(scope, receive, without_headers(send, b"access-control-"))

    async def _signed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on if its signature is valid; otherwise answers with AWS's error."""
        headers, body = _headers(scope), b""
        payload = headers.get("x-amz-content-sha256", "STREAMING")
        # The header stands for the body in the signature, unless the chunks of the body are signed too.
        if payload.startswith("STREAMING"):
            read = await read_body(receive)
            if read is None:
                return
            body, receive = read, replaying(read, receive)
        method, path = scope["method"], scope["path"]
        query = parse_qs(scope["query_string"].decode(errors="replace"), keep_blank_values=True)
        parameters = ministack_app._routing_params(method, path, headers, body, query)
        service = ministack_app.detect_service(method, path, headers, parameters)
        raw_path = (scope.get("raw_path") or quote(path).encode()).decode("latin-1")
        iam_evaluator.pin_signed_request(method, raw_path, query, scope["headers"])
        iam_evaluator.pin_signed_body(body)
        key = ministack_app.extract_access_key_id(headers, query)
        if iam_evaluator._anonymous.get():
            failure = AuthError("MissingAuthenticationToken", "Request is missing Authentication Token")
        else:
            failure = iam_evaluator.check_credentials(key, service)
        # check_credentials leaves presigned S3 URLs to S3, which not every path with such a query reaches.
        response = s3._verify_presigned_sigv4(method, path, headers, query)
        if failure is not None:
            response = ministack_app._credential_failure(service, "", str(uuid.uuid4()), failure, headers)
        if response is None:
            await self._aws(scope, receive, hiding(scope, key, send) if service == "s3" else send)
        else:
            await send_response(send, *response)


def _headers(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; repeated ones joined as Signature Version 4 joins them."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), sigv4.decode_header_value(value)
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def _foreign(headers: dict[str, str]) -> str | None:
    """Why the request may come from a web page or through a foreign name; None if it does not."""
    if "origin" in headers:
        return f"The local cloud answers no web pages, and this request comes from one: {headers['origin']}."
    host = headers.get("host", "")
    if not _OWN_HOST.fullmatch(host):
        return f"The local cloud is reached at 127.0.0.1 or localhost only, not at {host or 'no host'}."
    return None
