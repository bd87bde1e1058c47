"""The other services that the local SageMaker calls: S3, CloudWatch and Glue over HTTP; STS and EventBridge
in this process."""

import contextlib
import importlib
import logging
import os
import shutil
import threading
from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlparse

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from daybreak_local.account import REGION
from daybreak_local.cloud import credentials, events
from daybreak_local.cloud.clients import make_client
from daybreak_local.cloud.scope import endpoint_url

logger = logging.getLogger(__name__)
_CONFIG = Config(
    s3={"addressing_style": "path"},
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=16,
)
_PRINCIPAL = "sagemaker.amazonaws.com"
_CATALOG_MODULE = "daybreak_local.sagemaker.featurestore.glue_catalog"
P = ParamSpec("P")
R = TypeVar("R")


class AccessProblem(Exception):
    """An AWS call made as a role failed; the message goes into the FailureReason."""


def _as_access_problem(function: Callable[P, R]) -> Callable[P, R]:
    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (ClientError, BotoCoreError) as error:
            raise AccessProblem(str(error)) from error

    return wrapped


class RoleSession:
    """A role's temporary credentials. S3 and CloudWatch Logs are called with them, so its policies apply."""

    def __init__(self, role_arn: str, session_name: str, principal: str = _PRINCIPAL) -> None:
        try:
            self.environment = credentials.role_environment(role_arn, session_name, principal)
        except credentials.RoleError as error:
            raise AccessProblem(str(error)) from error
        self._refused_streams: set[tuple[str, str]] = set()

    @cached_property
    def _s3(self) -> Any:
        return make_client("s3", self.environment, _CONFIG)

    @cached_property
    def _logs(self) -> Any:
        return make_client("logs", self.environment, _CONFIG)

    @_as_access_problem
    def download_prefix(self, uri: str, folder: Path) -> int:
        """Downloads every object under an S3 prefix; returns the number of objects."""
        bucket, prefix = split_uri(uri)
        count = 0
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for entry in (entry for page in pages for entry in page.get("Contents", [])):
            key = entry["Key"]
            relative = relative_key(prefix, key)
            if key.endswith("/") or not relative:
                continue
            self.download_object(f"s3://{bucket}/{key}", folder / relative)
            count += 1
        return count

    @_as_access_problem
    def download_object(self, uri: str, path: Path) -> None:
        bucket, key = split_uri(uri)
        # Not download_file, whose HeadObject fails without saying which permission is missing.
        body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            shutil.copyfileobj(body, file)

    def object_exists(self, uri: str) -> bool:
        """Whether the object exists and the role may read it."""
        bucket, key = split_uri(uri)
        try:
            self._s3.head_object(Bucket=bucket, Key=key)
        except (ClientError, BotoCoreError):
            return False
        return True

    @_as_access_problem
    def upload_file(self, path: Path, uri: str, kms_key: str | None = None) -> None:
        bucket, key = split_uri(uri)
        self._s3.upload_file(str(path), bucket, key, ExtraArgs=_encryption(kms_key))

    def upload_folder(self, folder: Path, uri: str, kms_key: str | None = None) -> None:
        """Uploads a folder's files under a prefix."""
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            self.upload_file(path, f"{uri.rstrip('/')}/{path.relative_to(folder).as_posix()}", kms_key)

    @_as_access_problem
    def put_bytes(self, body: bytes, uri: str, kms_key: str | None = None) -> None:
        bucket, key = split_uri(uri)
        self._s3.put_object(Bucket=bucket, Key=key, Body=body, **_encryption(kms_key))

    def write_logs(self, group: str, stream: str, lines: list[tuple[int, str]]) -> None:
        """Appends (epoch milliseconds, line) pairs; creates the log group and stream if missing.

        As on AWS, a job runs without logs if its role may not write them. That is reported once per stream.
        """
        entries = [{"timestamp": at, "message": line[:250_000] or " "} for at, line in lines]
        names = {"logGroupName": group, "logStreamName": stream}
        try:
            for start in range(0, 0 if (group, stream) in self._refused_streams else len(entries), 1000):
                batch = {**names, "logEvents": entries[start : start + 1000]}
                try:
                    self._logs.put_log_events(**batch)
                except self._logs.exceptions.ResourceNotFoundException:
                    self._create_log_stream(names)
                    self._logs.put_log_events(**batch)
        except (ClientError, BotoCoreError) as error:
            self._refused_streams.add((group, stream))
            logger.warning("No logs of %s/%s: %s", group, stream, error)

    def _create_log_stream(self, names: dict[str, str]) -> None:
        try:
            self._logs.create_log_stream(**names)
        except self._logs.exceptions.ResourceNotFoundException:
            # Another job may create the group at the same time.
            with contextlib.suppress(self._logs.exceptions.ResourceAlreadyExistsException):
                self._logs.create_log_group(logGroupName=names["logGroupName"])
            self._logs.create_log_stream(**names)


class Platform:
    """The account, and the services that SageMaker itself calls in it."""

    def assume_role(self, role_arn: str, session_name: str) -> RoleSession:
        """Raises AccessProblem if the role does not exist or does not trust SageMaker."""
        return RoleSession(role_arn, session_name)

    def put_event(self, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        events.put_event("aws.sagemaker", detail_type, detail, resources)

    @cached_property
    def _cloudwatch(self) -> Any:
        return make_client("cloudwatch", os.environ, _CONFIG)

    def put_metrics(self, namespace: str, data: list[dict[str, Any]]) -> None:
        self._cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)

    def alarms_in_alarm(self, names: list[str]) -> list[str]:
        """The given alarms that are in ALARM state."""
        answer = self._cloudwatch.describe_alarms(AlarmNames=names, StateValue="ALARM")
        return [alarm["AlarmName"] for alarm in answer["MetricAlarms"]]

    def warm_up(self) -> None:
        """Imports pyiceberg in the background; it takes seconds and would delay CreateFeatureGroup."""
        threading.Thread(target=importlib.import_module, args=(_CATALOG_MODULE,), daemon=True).start()

    def offline_catalog(self, role_arn: str) -> Any:
        """A pyiceberg catalog for the account's Glue Data Catalog, with the role's credentials."""
        from daybreak_local.sagemaker.featurestore.glue_catalog import OfflineCatalog

        environment = self.assume_role(role_arn, "SageMakerFeatureStore").environment
        keys = {
            "access-key-id": environment["AWS_ACCESS_KEY_ID"],
            "secret-access-key": environment["AWS_SECRET_ACCESS_KEY"],
            "session-token": environment["AWS_SESSION_TOKEN"],
            "region": REGION,
            "endpoint": endpoint_url(),
        }
        return OfflineCatalog(
            "offline-store",
            **{f"{service}.{name}": value for service in ("glue", "s3") for name, value in keys.items()},
        )


def split_uri(uri: str) -> tuple[str, str]:
    """("bucket", "a/key") of s3://bucket/a/key (s3a:// too)."""
    parts = urlparse(uri)
    if parts.scheme not in ("s3", "s3a", "s3n") or not parts.netloc:
        raise ValueError(f"{uri!r} is not an S3 URI: expected s3://bucket/key")
    return parts.netloc, uri.split(parts.netloc, 1)[1].lstrip("/")


def relative_key(prefix: str, key: str) -> str:
    """An object's path in the channel's folder. S3Prefix matches every key that starts with the prefix."""
    if key.startswith(prefix.rstrip("/") + "/"):
        return key[len(prefix.rstrip("/")) + 1 :]
    return key[prefix.rfind("/") + 1 :]


def _encryption(kms_key: str | None) -> dict[str, str]:
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key} if kms_key else {}
