"""The input channels of a SageMaker training job."""

import os
from pathlib import Path

from user_error import UserError


def channel(name: str) -> Path:
    """The folder of a channel."""
    folder = os.environ.get(f"SM_CHANNEL_{name.upper()}")
    if folder is None:
        raise UserError(f"The training job has no channel {name}.")
    return Path(folder)
