"""Environment variables for ministack, which reads most of them at import time."""

import os
import tempfile
from pathlib import Path

from daybreak_local.account import ACCOUNT_ID, REGION
from daybreak_local.cloud.root_keys import RootKeys
from daybreak_local.isolation import INHERITED


def prepare(port: int, home: Path) -> RootKeys:
    """Creates the folders and the root keys, and sets the environment of this process.

    Nothing is written outside `home`.
    """
    for folder in ("tmp", "s3", "state"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    keys = RootKeys()
    keys.write(home / "credentials.json")
    # Nothing else of the developer's, such as tokens, AWS configuration and proxies, reaches the emulator.
    for name in list(os.environ):
        if name not in (*INHERITED, "HOME", "JAVA_HOME") and not name.startswith("DAYBREAK_"):
            del os.environ[name]
    os.environ.update(
        {
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_REGION": REGION,
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "S3_DATA_DIR": str(home / "s3"),
            "S3_PERSIST": "0",
            "STATE_DIR": str(home / "state"),
            "PERSIST_STATE": "0",
            "TMPDIR": str(home / "tmp"),
            "LAMBDA_EXECUTOR": "local",
            # No Docker: everything runs as a local process, so all machines behave alike.
            "DOCKER_HOST": "unix:///nonexistent/docker.sock",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
    )
    tempfile.tempdir = None  # tempfile caches the folder it found first
    return keys
