"""Errors whose message, in one line, says what happened, what was expected and what to do.

Glue shows the last line of a failed job's output, and the alert carries that line.
"""


class JobError(Exception):
    """A job cannot continue because of its input or its settings, not because of a bug."""


class SqlError(JobError):
    """A pipeline's SQL does not parse, names something unknown, or does not return the declared columns."""


class DatasetRuleBroken(JobError):
    """A dataset rule with severity halt is broken; the run has published nothing."""


class TrainingSetError(JobError):
    """There are not enough events for a training set."""


class StorageFailed(JobError):
    """An object cannot be read now, which says nothing about its content."""
