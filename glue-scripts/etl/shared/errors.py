"""Errors whose message is written for a reader: what happened, what was expected and what to do, in one line.

Glue shows the last line of a failed job's output, and the alert carries that line.
"""


class JobError(Exception):
    """A job cannot go on because of its input or its settings; the code is not at fault."""


class SqlError(JobError):
    """A pipeline's SQL does not parse, names something unknown, or does not return what is declared."""


class DatasetRuleBroken(JobError):
    """A dataset rule with severity halt is broken: nothing of the run was published."""


class TrainingSetError(JobError):
    """The events do not suffice for a training set."""
