"""Distinguishes user errors from bugs, and reports either in the job's FailureReason."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path

# SageMaker shows 1,024 characters of the file (as TrainingJob.FailureReason, ProcessingJob.ExitMessage).
MAX_MESSAGE = 1024


class UserError(Exception):
    """Invalid data or settings; the message says what was found, what was expected and what to do."""


def describe(error: BaseException) -> str:
    """The message for the alert: a user error's text, or a bug's type, message and location."""
    if isinstance(error, UserError):
        return f"UserError: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"AlgorithmError: {type(error).__name__}: {error}{place}. A bug in model/: see the job's log."


def run(main: Callable[[], None], message_file: Path) -> int:
    """Run an entry point; on failure, write the reason to `message_file` and as stderr's last line, and
    return 1.
    """
    try:
        main()
    except Exception as error:
        message = describe(error)
        if not isinstance(error, UserError):
            traceback.print_exc()
        sys.stderr.write(message.replace("\n", " ") + "\n")
        message_file.parent.mkdir(parents=True, exist_ok=True)
        message_file.write_text(message[:MAX_MESSAGE], encoding="utf-8")
        return 1
    return 0
