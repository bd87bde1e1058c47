"""boto3 clients with which the services of the local cloud call each other."""

import threading
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from daybreak_local.account import REGION
from daybreak_local.cloud.scope import endpoint_url

_making = threading.Lock()


def make_client(service: str, environment: Mapping[str, str], config: Config) -> Any:
    """A client with the credentials in these AWS_* variables."""
    # Creating a client is not thread-safe.
    with _making:
        return boto3.client(
            service,
            endpoint_url=endpoint_url(),
            region_name=REGION,
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment.get("AWS_SESSION_TOKEN"),
            config=config,
        )
