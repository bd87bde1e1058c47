"""The secrets of a local cloud, random at each start, in HOME/credentials.json for its owner alone."""

import json
import os
import secrets
import string
from base64 import b64encode
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path

_KEY_ID_CHARACTERS = string.ascii_uppercase + "234567"


def _random_key_id() -> str:
    return "AKIA" + "".join(secrets.choice(_KEY_ID_CHARACTERS) for _ in range(16))


@dataclass(frozen=True)
class RootKeys:
    """The account root's key pair, and the token in the URL of the Slack webhook."""

    access_key_id: str = field(default_factory=_random_key_id)
    secret_access_key: str = field(default_factory=lambda: secrets.token_urlsafe(30))
    slack_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    def write(self, path: Path) -> None:
        """Replaces the file; at no moment can another user of the machine read it."""
        content = {
            "accessKeyId": self.access_key_id,
            "secretAccessKey": self.secret_access_key,
            "slackToken": self.slack_token,
        }
        temporary = path.with_suffix(".new")
        temporary.unlink(missing_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(content, file, indent=2)
        temporary.replace(path)

    def permits(self, authorization: str) -> bool:
        """Whether this is the header of HTTP basic authentication with the key pair."""
        pair = f"{self.access_key_id}:{self.secret_access_key}".encode()
        return compare_digest(authorization.encode(), b"Basic " + b64encode(pair))
