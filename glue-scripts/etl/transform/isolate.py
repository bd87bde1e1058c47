"""Finds and quarantines the input on which the step fails, so that no record can block the others.

Before the step reads files, it writes their names to a state file. If the next run still finds them there,
the step has failed on them, perhaps because of one of them. It then tries them separately: in groups, and
the failing group file by file, each time after writing the names to the state file. This finds the file even
if it kills the process. If the step fails on a file with an error, its lines are tried separately, too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from etl.shared.job import Job
from etl.shared.storage import StoredObject, read_optional_json, write_json
from etl.transform.raw import positions

# Files are first tried in so many groups.
_GROUPS = 32
# The most line spans of one file that are tried: enough to find a few lines among a million.
_SPANS = 100
_SHOWN = 500

# The first and the last position of some lines of a file.
Span = tuple[int, int]
Attempt = Callable[[list[StoredObject], Span | None], None]


@dataclass
class Attempts:
    """The state file: what is remembered from one attempt to the next."""

    job: Job
    # The files that are being read; empty after they were read without an error.
    reading: list[str] = field(default_factory=list)
    # Whether they are being tried separately.
    apart: bool = False
    # The files that are quarantined, and why.
    killers: dict[str, str] = field(default_factory=dict)
    # Lines of other files that are quarantined, by position, and why.
    lines: dict[str, dict[int, str]] = field(default_factory=dict)

    @staticmethod
    def of(job: Job) -> "Attempts":
        """Read the state that earlier attempts left."""
        noted: dict[str, Any] = read_optional_json(job.storage, _uri(job)) or {}
        lines = {
            key: {int(position): cause for position, cause in found.items()}
            for key, found in noted.pop("lines", {}).items()
        }
        attempts = Attempts(job, **noted, lines=lines)
        if job.plan.replay and not attempts.reading:
            # A replay tries quarantined files again.
            attempts.killers, attempts.lines = {}, {}
        return attempts

    def begin(self, files: list[str], *, apart: bool = False) -> None:
        """Record the files that are about to be read."""
        self.reading, self.apart = files, apart
        self._write()

    def end(self) -> None:
        """Record that the batch was read. The killers stay: runs read them again until one publishes."""
        self.reading, self.apart = [], False
        self._write()

    def _write(self) -> None:
        value = {name: value for name, value in vars(self).items() if name != "job"}
        write_json(self.job.storage, _uri(self.job), value)


def isolate(attempts: Attempts, files: list[StoredObject], attempt: Attempt) -> list[StoredObject]:
    """Returns the files that the step can read, without the lines in `attempts.lines`; the other files are in
    `attempts.killers`.

    Costs nothing unless an earlier attempt failed on one of these files. Raises the error if everything
    fails: then the cause is not in a file or a line.
    """
    keys = {file.key for file in files}
    attempts.killers = {key: cause for key, cause in attempts.killers.items() if key in keys}
    attempts.lines = {key: found for key, found in attempts.lines.items() if key in keys}
    if attempts.apart and len(attempts.reading) == 1:
        attempts.killers |= dict.fromkeys(
            keys.intersection(attempts.reading), "the step died while it read this file, without an error"
        )
    suspects = [file for file in files if file.key in attempts.reading and file.key not in attempts.killers]
    failures: dict[str, Exception] = {}
    if suspects:
        size = 1 if attempts.apart else -(-len(suspects) // _GROUPS)
        groups = [suspects[start : start + size] for start in range(0, len(suspects), size)]
        for group in groups:
            failures |= _try_apart(attempts, group, attempt)
    if failures and len(failures) == len(files) - len(attempts.killers):
        raise next(iter(failures.values()))
    attempts.killers |= {key: _cause("file", error) for key, error in failures.items()}
    return [file for file in files if file.key not in attempts.killers]


def _try_apart(attempts: Attempts, group: list[StoredObject], attempt: Attempt) -> dict[str, Exception]:
    """The files of a group on which the step fails, with the errors."""
    attempts.begin([file.key for file in group], apart=True)
    try:
        attempt(group, None)
    except Exception as error:
        if len(group) > 1:
            return {key: why for file in group for key, why in _try_apart(attempts, [file], attempt).items()}
        (file,) = group
        found = _try_lines(file, positions(attempts.job, file.key), attempt)
        if not found:
            return {file.key: error}
        attempts.lines[file.key] = found
    return {}


def _try_lines(file: StoredObject, lines: list[int], attempt: Attempt) -> dict[int, str]:
    """The lines of a file on which the step fails; none if they are too many, or all lines."""
    found: dict[int, str] = {}
    went_well = False
    waiting = [lines] if lines else []
    for _ in range(_SPANS):
        if not waiting:
            return found if went_well else {}
        some = waiting.pop()
        try:
            attempt([file], (some[0], some[-1]))
            went_well = True
        except Exception as error:
            if len(some) == 1:
                found[some[0]] = _cause("line", error)
            else:
                middle = len(some) // 2
                waiting += [some[middle:], some[:middle]]
    return {}


def _cause(what: str, error: Exception) -> str:
    return f"the step fails on this {what}: {' '.join(str(error).split())[:_SHOWN]}"


def _uri(job: Job) -> str:
    return f"{job.uri('transform_state')}/attempts.json"
