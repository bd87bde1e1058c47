"""Fakes of the other services: S3 is a folder, roles are a set, calls are recorded in lists."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.sagemaker.platform import AccessProblem, relative_key

IMAGE = f"683313688378.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:3.0-5"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/sagemaker"
BLIND_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/sees-nothing"


class FakeSession:
    """A role session on the folder; BLIND_ROLE is denied everything."""

    def __init__(self, platform: "FakePlatform", role_arn: str) -> None:
        self._platform, self._role = platform, role_arn
        self.environment = {"AWS_ACCESS_KEY_ID": f"key-of-{role_arn.rsplit('/', 1)[-1]}"}

    def _path(self, uri: str) -> Path:
        if self._role == BLIND_ROLE:
            raise AccessProblem("An error occurred (AccessDenied) when calling the GetObject operation")
        return self._platform.path(uri)

    def download_prefix(self, uri: str, folder: Path) -> int:
        self._path(uri)
        prefix = uri.split("/", 3)[3]
        bucket = self._platform.path("/".join(uri.split("/")[:3]))
        found = [path for path in bucket.rglob("*") if path.is_file()]
        keys = {path.relative_to(bucket).as_posix(): path for path in found}
        wanted = {key: path for key, path in keys.items() if key.startswith(prefix)}
        for key, path in wanted.items():
            target = folder / relative_key(prefix, key)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        return len(wanted)

    def download_object(self, uri: str, path: Path) -> None:
        if not self._path(uri).is_file():
            raise AccessProblem(f"An error occurred (404) when calling the HeadObject operation: {uri}")
        shutil.copyfile(self._path(uri), path)

    def object_exists(self, uri: str) -> bool:
        return self._role != BLIND_ROLE and self._path(uri).is_file()

    def upload_file(self, path: Path, uri: str, kms_key: str | None = None) -> None:
        self.put_bytes(path.read_bytes(), uri, kms_key)

    def upload_folder(self, folder: Path, uri: str, kms_key: str | None = None) -> None:
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            self.upload_file(path, f"{uri.rstrip('/')}/{path.relative_to(folder).as_posix()}", kms_key)

    def put_bytes(self, body: bytes, uri: str, kms_key: str | None = None) -> None:
        target = self._path(uri)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        self._platform.kms_keys[uri] = kms_key

    def write_logs(self, group: str, stream: str, lines: list[tuple[int, str]]) -> None:
        self._platform.logs.setdefault(group, []).extend(line for _, line in lines)


class FakePlatform:
    """The fake account."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.events: list[tuple[str, dict[str, Any], list[str]]] = []
        self.metrics: list[dict[str, Any]] = []
        self.logs: dict[str, list[str]] = {}
        self.kms_keys: dict[str, str | None] = {}
        self.ringing: set[str] = set()
        self.tables: dict[tuple[str, str], dict[str, Any]] = {}
        self.roles = {ROLE, BLIND_ROLE}
        self._lock = threading.Lock()

    def path(self, uri: str) -> Path:
        return self._folder / uri.removeprefix("s3://")

    def put(self, uri: str, body: bytes) -> str:
        path = self.path(uri)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return uri

    def assume_role(self, role_arn: str, session_name: str) -> FakeSession:
        if role_arn not in self.roles:
            raise AccessProblem(f"The role {role_arn} does not exist.")
        return FakeSession(self, role_arn)

    def put_event(self, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        with self._lock:
            self.events.append((detail_type, detail, resources))

    def put_metrics(self, namespace: str, data: list[dict[str, Any]]) -> None:
        assert namespace == "AWS/SageMaker"
        with self._lock:
            self.metrics.extend(data)

    def alarms_in_alarm(self, names: list[str]) -> list[str]:
        return [name for name in names if name in self.ringing]

    def offline_catalog(self, role_arn: str) -> "FakeCatalog":
        if role_arn == BLIND_ROLE:
            raise AccessProblem("not authorized to perform: glue:CreateTable")
        return FakeCatalog(self.tables)


class FakeCatalog:
    """Records the calls to the Glue Data Catalog."""

    def __init__(self, tables: dict[tuple[str, str], dict[str, Any]]) -> None:
        self._tables = tables

    def create_namespace(self, name: str) -> None:
        return None

    def create_table(self, name: tuple[str, str], **definition: Any) -> None:
        self._tables[name] = definition

    def load_table(self, name: tuple[str, str]) -> "FakeTable":
        return FakeTable(self._tables[name])


class FakeTable:
    """A table whose schema can be added to, as with pyiceberg's `update_schema`."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self._added = definition.setdefault("added", [])

    @contextmanager
    def update_schema(self) -> Iterator["FakeTable"]:
        yield self

    def add_column(self, name: str, kind: Any) -> None:
        self._added.append((name, str(kind)))
