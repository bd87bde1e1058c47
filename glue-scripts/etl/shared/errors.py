"""The errors a person is meant to read. Each says what happened, what was expected and what to do, in one
line: Glue shows the last line of a failed job's output, and the alert carries that line.
"""


class JobError(Exception):
    """A job cannot go on, for a reason that its input, not its code, has to answer for."""


class SqlError(JobError):
    """The SQL of a pipeline does not parse, names something unknown or returns something else than
    declared.
    """


class DatasetRuleBroken(JobError):
    """A dataset rule with severity halt is broken: nothing of the run was published."""


class TrainingSetError(JobError):
    """There is no training set to be made of what is there."""
