"""ErrorMessage of a failed job: the exception in one or two lines, without plans and stack frames."""

import traceback

LONGEST = 2048


def error_message(error: BaseException) -> str:
    """The exception as Glue shows it in JobRun.ErrorMessage."""
    if isinstance(error, SystemExit):
        return f"SystemExit: {error.code}"
    text = str(error)
    kind = type(error)
    if kind.__module__.startswith("py4j"):
        text = java_message(text)
    elif kind.__module__.startswith("pyspark"):
        text = next((line for line in text.splitlines() if line.strip()), "").rstrip(";")
    elif not text:
        text = traceback.format_exception_only(error)[-1].strip()
    return f"{kind.__name__}: {text}"[:LONGEST]


def java_message(text: str) -> str:
    """Summarizes a Java stack trace: the call, the exception and the root cause."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    thrown = next((line.lstrip(": ") for line in lines if line.startswith(":")), "")
    causes = [line for line in lines if line.startswith("Caused by:")]
    parts = [lines[0] if lines else "", thrown, causes[-1] if causes else ""]
    return " ".join(part for part in parts if part)
