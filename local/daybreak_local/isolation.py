"""Processes that the local cloud starts: Lambda functions, Glue and SageMaker jobs, model servers."""

import os
import signal
import tempfile

# An allowlist, because everything else may be a secret: of the developer, or root's keys.
INHERITED = (
    *("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE"),
    "PYTHONDONTWRITEBYTECODE",
)


def clean_environment(*layers: dict[str, str]) -> dict[str, str]:
    """The little that is inherited, overlaid with the layers; later layers win."""
    temporary = tempfile.gettempdir()
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment |= {
        "HOME": temporary,
        "TMPDIR": temporary,
        "TZ": "UTC",  # as on AWS
        "PYTHONUNBUFFERED": "1",
        # The developer's AWS configuration must not apply.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for layer in layers:
        environment |= layer
    return environment


def ending(code: int | None) -> str:
    """How a process ended, for a message; `code` is its return code, negative for a signal."""
    if code is None:
        return "ended"
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was killed by signal {-code} ({signal.Signals(-code).name})"
