"""Who may call a running cloud: programs with its keys, and no web page."""

import json
import signal
import stat
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cloud_support import Cloud, allow, free_port, launch

from daybreak_local.account import REGION

pytestmark = pytest.mark.integration

FORM = {"content-type": "application/x-www-form-urlencoded"}
WHO_AM_I = b"Action=GetCallerIdentity&Version=2011-06-15"


def signed(
    cloud: Cloud, headers: dict[str, str], body: bytes = b"", service: str = "sts", **keys: str
) -> dict[str, str]:
    """The headers of a POST to / with the signature of root, or of other keys."""
    root = Credentials(
        keys.get("access_key_id", cloud.keys["accessKeyId"]),
        keys.get("secret_access_key", cloud.keys["secretAccessKey"]),
    )
    host = headers.get("host", cloud.endpoint.removeprefix("http://"))
    request = AWSRequest("POST", f"http://{host}/", data=body, headers={**headers, "host": host})
    SigV4Auth(root, service, REGION).add_auth(request)
    return dict(request.headers)


def test_a_signed_request_is_answered_without_cors(cloud: Cloud) -> None:
    status, headers, text = cloud.ask("/", "POST", signed(cloud, FORM, WHO_AM_I), WHO_AM_I)
    assert status == 200
    assert "arn:aws:iam::000000000000:root" in text
    assert not [name for name in headers if name.startswith("access-control-")]


@pytest.mark.parametrize("origin", ["https://shop.example", "null", "http://127.0.0.1:8000"])
def test_a_web_page_is_refused_even_with_a_valid_signature(cloud: Cloud, origin: str) -> None:
    page = {**FORM, "origin": origin}
    for method, headers in [
        ("POST", signed(cloud, page, WHO_AM_I)),
        ("OPTIONS", {"origin": origin, "access-control-request-method": "POST"}),
        ("GET", {**page, **cloud.authorization}),
    ]:
        status, answered, text = cloud.ask("/_daybreak/status" if method == "GET" else "/", method, headers)
        assert status == 403, method
        assert "web page" in text
        assert not [name for name in answered if name.startswith("access-control-")]


@pytest.mark.parametrize(
    "host", ["shop.example", "localhost.shop.example", "127.0.0.1.shop.example:4566", ""]
)
def test_a_foreign_name_of_this_machine_is_refused(cloud: Cloud, host: str) -> None:
    status, _, text = cloud.ask("/", "POST", signed(cloud, {**FORM, "host": host}, WHO_AM_I), WHO_AM_I)
    assert status == 403
    assert "127.0.0.1 or localhost" in text


@pytest.mark.parametrize("host", ["localhost:{}", "[::1]:{}", "127.0.0.1"])
def test_its_own_names_are_answered(cloud: Cloud, host: str) -> None:
    named = {**FORM, "host": host.format(cloud.endpoint.rsplit(":", 1)[1])}
    assert cloud.ask("/", "POST", signed(cloud, named, WHO_AM_I), WHO_AM_I)[0] == 200


def test_a_bucket_as_virtual_host_is_answered(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="virtual")
    s3.put_object(Bucket="virtual", Key="_folder/k", Body=b"body")
    host = f"virtual.localhost:{cloud.endpoint.rsplit(':', 1)[1]}"
    request = AWSRequest("GET", f"http://{host}/_folder/k", headers={"host": host})
    S3SigV4Auth(Credentials(cloud.keys["accessKeyId"], cloud.keys["secretAccessKey"]), "s3", REGION).add_auth(
        request
    )
    assert cloud.ask("/_folder/k", headers=dict(request.headers))[::2] == (200, "body")


FUNCTION = json.dumps(
    {"FunctionName": "page", "Runtime": "python3.11", "Role": "arn:aws:iam::000000000000:role/r", "Code": {}}
).encode()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("POST", "/_ministack/reset", {}, b""),
        ("POST", "/_ministack/config", {}, b'{"lambda_svc.LAMBDA_EXECUTOR": "docker"}'),
        ("GET", "/_ministack/health", {}, b""),
        ("GET", "/_localstack/health", {}, b""),
        ("GET", "/_ministack/sqs/messages", {}, b""),
        ("GET", "/health", {}, b""),
        ("GET", "/latest/meta-data/iam/security-credentials/", {}, b""),
        ("GET", "/unsigned/secret", {}, b""),
        ("PUT", "/unsigned/secret", {}, b"overwritten"),
        ("PUT", "/unsigned-bucket", {}, b""),
        ("GET", "/", {}, b""),
        ("POST", "/", FORM, WHO_AM_I),
        ("POST", "/", FORM, b"Action=ListRoles&Version=2010-05-08"),
        (
            "POST",
            "/",
            {"x-amz-target": "AWSGlue.GetJobs", "content-type": "application/x-amz-json-1.1"},
            b"{}",
        ),
        ("POST", "/2015-03-31/functions", {"content-type": "text/plain"}, FUNCTION),
        ("POST", "/endpoints/e/invocations", {}, b"1"),
        ("POST", "/oauth2/token", FORM, b"grant_type=client_credentials"),
        ("GET", "/_daybreak/status", {}, b""),
        ("POST", "/_daybreak/flush", {"authorization": "Basic ZGF5YnJlYWs6ZGF5YnJlYWstbG9jYWw="}, b""),
        ("GET", "/_daybreak/slack", {}, b""),
        ("POST", "/_daybreak/slack", {}, b'{"text": "t"}'),
        ("POST", "/_daybreak/slack/guessed", {}, b'{"text": "t"}'),
    ],
)
def test_an_unsigned_request_is_refused_and_changes_nothing(
    cloud: Cloud, method: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="unsigned")
    s3.put_object(Bucket="unsigned", Key="secret", Body=b"kept")
    status, answered, _ = cloud.ask(path, method, headers, body)
    assert status in (400, 401, 403), status
    assert not [name for name in answered if name.startswith("access-control-")]
    assert s3.get_object(Bucket="unsigned", Key="secret")["Body"].read() == b"kept"
    assert "unsigned-bucket" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_a_web_socket_is_refused(cloud: Cloud) -> None:
    handshake = {
        "connection": "Upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
    }
    assert cloud.ask("/_aws/execute-api/api/stage", headers=handshake)[0] == 403


def test_the_administration_of_the_emulator_is_closed_to_root_too(cloud: Cloud) -> None:
    request = AWSRequest("POST", f"{cloud.endpoint}/_ministack/reset")
    keys = Credentials(cloud.keys["accessKeyId"], cloud.keys["secretAccessKey"])
    SigV4Auth(keys, "execute-api", REGION).add_auth(request)
    assert cloud.ask("/_ministack/reset", "POST", dict(request.headers))[0] == 403


@pytest.mark.parametrize(
    ("access_key_id", "secret_access_key"),
    [
        ("daybreak", "daybreak-local"),
        ("test", "test"),
        ("000000000000", "test"),
        ("ASIAUNKNOWN", "x"),
        ("{root}", "another secret"),
        ("test", "{secret}"),
    ],
)
def test_only_the_keys_of_this_start_are_root_s(
    cloud: Cloud, access_key_id: str, secret_access_key: str
) -> None:
    keys = {
        "AccessKeyId": access_key_id.format(root=cloud.keys["accessKeyId"]),
        "SecretAccessKey": secret_access_key.format(secret=cloud.keys["secretAccessKey"]),
    }
    for service, call in [("s3", "list_buckets"), ("sts", "get_caller_identity"), ("glue", "get_jobs")]:
        client = cloud.client(service, keys)
        with pytest.raises(client.exceptions.ClientError, match=r"(?i)signature|token|access key"):
            getattr(client, call)()


def test_a_request_with_two_keys_is_refused(cloud: Cloud) -> None:
    role = cloud.role("two-keys", "lambda.amazonaws.com", [])
    assumed = cloud.assume(role)
    mixed = signed(
        cloud,
        {**FORM, "x-amz-security-token": assumed["SessionToken"]},
        WHO_AM_I,
        access_key_id=assumed["AccessKeyId"],
        secret_access_key=assumed["SecretAccessKey"],
    )
    mixed["Authorization"] += f", Credential={cloud.keys['accessKeyId']}/20260101/us-east-1/sts/aws4_request"
    status, _, text = cloud.ask("/", "POST", mixed, WHO_AM_I)
    assert status in (400, 403)
    assert "root" not in text


@pytest.mark.parametrize("path", ["/presigned/k", "/v20180820/accesspoint", "/2015-03-31/functions", "/"])
def test_a_presigned_url_with_a_wrong_signature_is_refused_everywhere(cloud: Cloud, path: str) -> None:
    now = datetime.now(UTC)
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{cloud.keys['accessKeyId']}/{now:%Y%m%d}/us-east-1/s3/aws4_request",
        "X-Amz-Date": f"{now:%Y%m%dT%H%M%SZ}",
        "X-Amz-Expires": "60",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "0" * 64,
    }
    status, _, text = cloud.ask(f"{path}?{urlencode(query)}")
    assert status == 403
    assert "SignatureDoesNotMatch" in text or "InvalidSignatureException" in text


@pytest.mark.parametrize("version", ["s3", "s3v4"])
@pytest.mark.parametrize("as_role", [False, True])
def test_a_presigned_url_is_answered_and_a_changed_one_is_not(
    cloud: Cloud, version: str, as_role: bool
) -> None:
    root, bucket = cloud.client("s3"), f"presigned-{version}-{as_role}".lower()
    root.create_bucket(Bucket=bucket)
    for key in ("k", "other"):
        root.put_object(Bucket=bucket, Key=key, Body=key.encode())
    keys = None
    if as_role:
        statement = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/k")
        keys = cloud.assume(cloud.role(bucket, "lambda.amazonaws.com", [statement]))
    signer = cloud.client("s3", keys, signature_version=version)
    url = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    assert ("X-Amz-Signature" in url) == (version == "s3v4")
    path = url.removeprefix(cloud.endpoint)
    assert cloud.ask(path)[::2] == (200, "k")
    assert cloud.ask(path.replace("/k?", "/other?"))[0] == 403
    expired = signer.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=-5)
    assert cloud.ask(expired.removeprefix(cloud.endpoint))[0] in (400, 403)


def test_the_keys_are_new_at_each_start_and_their_owner_s_alone(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        process = launch(free_port(), tmp_path, "--lazy-spark")
        assert json.loads(process.stdout.readline())["ready"]
        file = tmp_path / "credentials.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        found.append(json.loads(file.read_text()))
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
    first, second = found
    assert first.keys() == {"accessKeyId", "secretAccessKey", "slackToken"}
    assert not set(first.values()) & set(second.values())
    assert not list(tmp_path.glob("credentials.*.new"))
