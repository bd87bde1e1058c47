"""What the local SageMaker needs of the cloud around it: the real one, or a small one in tests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class AccessProblem(Exception):
    """S3 or STS refused what a job's role tried; the message is what the job's FailureReason says."""


class RoleSession(Protocol):
    """Temporary credentials of a role, and what SageMaker does with them on its behalf."""

    environment: dict[str, str]

    def download_prefix(self, uri: str, folder: Path) -> int:
        """Downloads every object under an S3 prefix; returns how many there were."""

    def download_object(self, uri: str, path: Path) -> None:
        """Downloads one object."""

    def object_exists(self, uri: str) -> bool:
        """Whether the role can see the object."""

    def upload_file(self, path: Path, uri: str, kms_key: str | None = None) -> None:
        """Uploads one file."""

    def upload_folder(self, folder: Path, uri: str, kms_key: str | None = None) -> int:
        """Uploads a folder's files under a prefix; returns how many there were."""

    def put_bytes(self, body: bytes, uri: str, kms_key: str | None = None) -> None:
        """Writes one object."""

    def write_logs(self, group: str, stream: str, lines: list[tuple[int, str]]) -> None:
        """Appends (epoch milliseconds, line) pairs to a log stream, making group and stream when missing."""


class Platform(Protocol):
    """The account the service runs in, and the other services it talks to with its own hands."""

    account: str
    region: str

    def assume_role(self, role_arn: str, session_name: str) -> RoleSession:
        """A session of the role. Raises AccessProblem when the role is missing or does not trust
        SageMaker."""

    def put_event(self, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        """Puts an event of source aws.sagemaker on the default bus."""

    def put_metrics(self, namespace: str, data: list[dict[str, Any]]) -> None:
        """Puts metric data."""

    def alarms_in_alarm(self, names: list[str]) -> list[str]:
        """Those of the named alarms that are in the state ALARM."""

    def offline_catalog(self, role_arn: str) -> Any:
        """A pyiceberg catalog over the account's Glue catalog, under the role's credentials."""


@dataclass(frozen=True)
class Place:
    """Where resources live: makes their ARNs."""

    account: str
    region: str

    def arn(self, kind: str, name: str) -> str:
        """The ARN of a resource; SageMaker writes the name in lower case."""
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name.lower()}"
