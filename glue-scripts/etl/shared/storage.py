"""Objects that are not read with Spark (plans, specs, reports, listings): in S3, or in files for tests."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import urlparse

import boto3
from botocore.exceptions import ClientError

from etl.shared.errors import JobError, StorageFailed


@dataclass(frozen=True)
class StoredObject:
    """An object: its key relative to the listed folder, and its size."""

    key: str
    bytes: int


class Storage(Protocol):
    """The operations of an object store that the jobs need. All addresses are complete URIs."""

    def read_text(self, uri: str) -> str | None:
        """The object's text, or None if it does not exist."""

    def open_stream(self, uri: str) -> BinaryIO:
        """The object's bytes as a stream."""

    def write_text(self, uri: str, text: str) -> None:
        """Write the text atomically."""

    def copy(self, source: str, target: str) -> None:
        """Copy an object, replacing the target atomically."""

    def list_objects(self, folder: str, start_after: str = "") -> Iterator[StoredObject]:
        """The objects in a folder whose key sorts after `start_after`, in order of key."""


class S3Storage:
    """Objects in S3."""

    def __init__(self) -> None:
        # A separate session: the default one would keep the credentials of the first job in this process.
        self._client = boto3.session.Session().client("s3")

    def read_text(self, uri: str) -> str | None:
        bucket, key = _bucket_and_key(uri)
        try:
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"NoSuchKey", "404"} or (
                code in {"AccessDenied", "403"} and not self._is_listed(bucket, key)
            ):
                return None
            raise

    def _is_listed(self, bucket: str, key: str) -> bool:
        found = self._client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
        return any(entry["Key"] == key for entry in found)

    def open_stream(self, uri: str) -> BinaryIO:
        bucket, key = _bucket_and_key(uri)
        return cast(BinaryIO, self._client.get_object(Bucket=bucket, Key=key)["Body"])

    def write_text(self, uri: str, text: str) -> None:
        bucket, key = _bucket_and_key(uri)
        self._client.put_object(
            Bucket=bucket, Key=key, Body=text.encode("utf-8"), ContentType="application/json"
        )

    def copy(self, source: str, target: str) -> None:
        from_bucket, from_key = _bucket_and_key(source)
        bucket, key = _bucket_and_key(target)
        # Not copy_object, whose limit is 5 GB.
        self._client.copy({"Bucket": from_bucket, "Key": from_key}, bucket, key)

    def list_objects(self, folder: str, start_after: str = "") -> Iterator[StoredObject]:
        bucket, key = _bucket_and_key(folder)
        prefix = f"{key}/"
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=prefix, StartAfter=f"{prefix}{start_after}"
        )
        for page in pages:
            for entry in page.get("Contents", []):
                yield StoredObject(entry["Key"].removeprefix(prefix), entry["Size"])


class FileStorage:
    """Objects as files, with `file://` URIs."""

    def read_text(self, uri: str) -> str | None:
        path = _local_path(uri)
        return path.read_text("utf-8") if path.is_file() else None

    def open_stream(self, uri: str) -> BinaryIO:
        return open(_local_path(uri), "rb")

    def write_text(self, uri: str, text: str) -> None:
        path = _local_path(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def copy(self, source: str, target: str) -> None:
        path = _local_path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_local_path(source), path)

    def list_objects(self, folder: str, start_after: str = "") -> Iterator[StoredObject]:
        root = _local_path(folder)
        keys = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
        for key in keys:
            if key > start_after:
                yield StoredObject(key, (root / key).stat().st_size)


def open_storage(uri: str) -> Storage:
    """The store for a URI."""
    scheme = urlparse(uri).scheme
    if scheme == "file":
        return FileStorage()
    if scheme == "s3":
        return S3Storage()
    raise JobError(f"{uri}: expected an address that starts with s3:// (or file:// in tests)")


@contextmanager
def reading(storage: Storage, uri: str) -> Iterator["Reader"]:
    """An object as a stream. If its store fails, that is a StorageFailed, unlike an error of its content."""
    try:
        stream = storage.open_stream(uri)
    except Exception as error:
        raise _failed(uri, error) from error
    with stream:
        yield Reader(uri, stream)


class Reader:
    """The one operation of a stream that the jobs need."""

    def __init__(self, uri: str, stream: BinaryIO) -> None:
        self._uri = uri
        self._stream = stream

    def read(self, size: int) -> bytes:
        """Up to so many bytes; none at the end."""
        try:
            return self._stream.read(size)
        except Exception as error:
            raise _failed(self._uri, error) from error


def _failed(uri: str, error: Exception) -> StorageFailed:
    cause = " ".join(str(error).split())
    return StorageFailed(f"{uri} cannot be read now: {cause}. Run again when its storage answers")


def read_json(storage: Storage, uri: str) -> Any:
    """Read a JSON object that must exist."""
    text = storage.read_text(uri)
    if text is None:
        raise JobError(f"{uri} does not exist: the step that writes it has not run or has failed")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise JobError(f"{uri} is not JSON: {error}") from error


def read_optional_json(storage: Storage, uri: str) -> Any:
    """Read a JSON object, or return None if it does not exist yet."""
    return None if storage.read_text(uri) is None else read_json(storage, uri)


def write_json(storage: Storage, uri: str, value: Any) -> None:
    """Write a value as indented JSON."""
    storage.write_text(uri, json.dumps(value, indent=2) + "\n")


def _bucket_and_key(uri: str) -> tuple[str, str]:
    parts = urlparse(uri)
    return parts.netloc, parts.path.lstrip("/")


def _local_path(uri: str) -> Path:
    return Path(urlparse(uri).path)
