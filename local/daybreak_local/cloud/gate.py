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
from ministack.core import iam_evaluator, router, sigv4
from ministack.core.iam_evaluator import AuthError

from daybreak_local.account import ACCOUNT_ID
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
from daybreak_local.cloud.routes import PREFIX

# Paths of the emulator that AWS does not have.
_ADMINISTRATION = ("/_ministack/", "/_localstack/")
# Names of this machine that no DNS server can give to another page, and S3's virtual hosts below them.
_OWN_HOST = re.compile(r"(127\.0\.0\.1|\[::1\]|([a-z0-9.-]+\.)?localhost)(:\d+)?", re.IGNORECASE)


class Gate:
    """The ASGI application in front of ministack and of the local cloud's own routes."""

    def __init__(self, aws: App, routes: App, root_key: str) -> None:
        hooks.require(ministack_app, "_credential_failure", "_extract_s3_vhost_bucket", "_routing_params")
        hooks.require(
            iam_evaluator, "resolve_credential", "is_root_access_key", "_sigv2_check", "SignedRequest"
        )
        self._aws = aws
        self._routes = routes
        self._root_key = root_key

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
        query = parse_qs(scope["query_string"].decode(errors="replace"), keep_blank_values=True)
        failure = self._failure(scope, headers, query, body)
        if failure is None:
            await self._aws(scope, receive, send)
            return
        method, path = scope["method"], scope["path"]
        parameters = ministack_app._routing_params(method, path, headers, body, query)
        service = ministack_app.detect_service(method, path, headers, parameters)
        response = ministack_app._credential_failure(service, "", str(uuid.uuid4()), failure, headers)
        await send_response(send, *response)

    def _failure(
        self, scope: Scope, headers: dict[str, str], query: dict[str, list[str]], body: bytes
    ) -> AuthError | None:
        """Why the request's credentials are not accepted; None if they are."""
        key = router.extract_access_key_id(headers, query)
        authorization = headers.get("authorization")
        if not key:
            return AuthError("MissingAuthenticationToken", "Request is missing Authentication Token")
        if iam_evaluator.is_root_access_key(key) and key != self._root_key:
            # ministack takes `test` and every account ID for root.
            return AuthError(
                "UnrecognizedClientException", "The security token included in the request is invalid."
            )
        raw_path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
        presigned = authorization is None
        if presigned and "AWSAccessKeyId" in query:
            return _version_2_failure(key, scope["method"], raw_path, query, headers)
        signature = sigv4.parse_query_signature(query) if presigned else sigv4.parse_header_signature(headers)
        if isinstance(signature, tuple):
            return AuthError(*signature)
        if signature.access_key_id != key:
            return AuthError("IncompleteSignature", "The request names two access keys.")
        # S3 itself checks for how long a presigned URL is valid.
        if not (presigned and signature.service == "s3"):
            late = sigv4.request_time_failure(signature)
            if late:
                return AuthError(*late)
        token = (
            query.get("X-Amz-Security-Token", [""])[0]
            if presigned
            else headers.get("x-amz-security-token", "")
        )
        credential = iam_evaluator.resolve_credential(key, ACCOUNT_ID, token)
        if isinstance(credential, iam_evaluator.CredentialResolutionError):
            return AuthError(credential.code, credential.message)
        secret = credential.secret_access_key
        mismatch = sigv4.header_signature_failure(
            signature, secret, scope["method"], raw_path, query, headers, body, presigned=presigned
        )
        return AuthError(*mismatch) if mismatch else None


def _version_2_failure(
    key: str, method: str, raw_path: str, query: dict[str, list[str]], headers: dict[str, str]
) -> AuthError | None:
    """Checks Signature Version 2, with which the SDK for Python presigns URLs in the oldest regions."""
    bucket = ministack_app._extract_s3_vhost_bucket(headers["host"])
    request = iam_evaluator.SignedRequest(
        key,
        method,
        raw_path,
        query,
        headers,
        sigv2=True,
        auth_path=f"/{bucket}{raw_path}" if bucket else raw_path,
    )
    checked = iam_evaluator._sigv2_check(request, ACCOUNT_ID)
    return checked if isinstance(checked, AuthError) else None


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
