"""The environment of what runs inside the local cloud: Lambda functions, Glue jobs, training and processing
jobs, and model servers.
"""

import os
import tempfile

# An allowlist, because everything else may be a secret: of the developer, or root's keys.
_INHERITED = (
    *("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE"),
    "PYTHONDONTWRITEBYTECODE",
)


def clean_environment(*layers: dict[str, str]) -> dict[str, str]:
    """The little that is inherited, overlaid with the layers; later layers win."""
    temporary = tempfile.gettempdir()
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
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
