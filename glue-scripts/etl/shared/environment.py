"""Tells errors of the environment, such as storage, network and credentials, from errors of the data."""

import re

from botocore.exceptions import BotoCoreError, ClientError

from etl.shared.errors import JobError

_OWN = (OSError, BotoCoreError, ClientError, JobError)

# In the text of an error from Spark: the worker's own error, and those of the clients of S3 and Glue. Only
# where a stack trace names the class of an error, because a message may quote the data. Errors of sockets are
# not among them: the end of a Python worker, which a file may have caused, looks like one.
_CLASSES = re.compile(
    r"^(?:Caused by: |.*\([^()]*executor \S+\): )?"
    r"(?:etl\.shared\.errors\.StorageFailed|software\.amazon\.awssdk\.|com\.amazonaws\.|"
    r"org\.apache\.hadoop\.fs\.s3a\.|java\.io\.IOException: No space left on device)",
    re.MULTILINE,
)


def is_environmental(error: Exception) -> bool:
    """Whether an error is certainly not due to the data that was read."""
    return isinstance(error, _OWN) or bool(_CLASSES.search(str(error)))
