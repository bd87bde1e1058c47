"""S3 objects, read and written in-process as the service itself: no role, no network, no signature.

Bypasses IAM: a service that writes on behalf of a role must check it first (see `cloud.authorization`).
"""

from urllib.parse import urlparse

from ministack.services import s3

from daybreak_local.cloud.scope import on_loop


class ObjectError(Exception):
    """S3 refused the call; `code` is its error code, such as NoSuchKey."""

    def __init__(self, code: str, message: str):
        super().__init__(f"{code}: {message}")
        self.code = code


def split_uri(uri: str) -> tuple[str, str]:
    """("bucket", "a/key") of s3://bucket/a/key (s3a:// too)."""
    parts = urlparse(uri)
    if parts.scheme not in ("s3", "s3a", "s3n") or not parts.netloc:
        raise ValueError(f"{uri!r} is not an S3 URI: expected s3://bucket/key")
    return parts.netloc, uri.split(parts.netloc, 1)[1].lstrip("/")


def put_object(bucket: str, key: str, body: bytes) -> None:
    """Stores an object, with the bucket's default encryption, versioning and notifications."""
    headers = {
        "content-type": "application/octet-stream",
        "content-length": str(len(body)),
        "host": "127.0.0.1",
    }
    status, _, answer = on_loop(s3._put_object, bucket, key, body, headers)
    if status >= 300:
        raise ObjectError(*_error(answer))


def get_object(bucket: str, key: str) -> bytes:
    """An object's bytes. Raises ObjectError NoSuchBucket or NoSuchKey."""
    return on_loop(_get_object, bucket, key)


def _get_object(bucket: str, key: str) -> bytes:
    if s3._buckets.get(bucket) is None:
        raise ObjectError("NoSuchBucket", f"The bucket {bucket} does not exist.")
    data = s3._get_object_data(bucket, key)
    if data is None:
        raise ObjectError("NoSuchKey", f"There is no object {key} in the bucket {bucket}.")
    return data


def _error(answer: bytes) -> tuple[str, str]:
    text = answer.decode(errors="replace")
    return _between(text, "Code") or "InternalError", _between(text, "Message") or text


def _between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
