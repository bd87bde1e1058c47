"""Files that a step dies of: found, set aside, and named, so that no file can hold up the others.

What a run is about to read is noted first. A note that is still there when the next one starts says that the
step died of these files, and perhaps of one of them: it then tries them apart, in some groups and the group
that dies file by file, each noted before it is tried. Even a death that leaves no time for a last word names
its file.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from etl.shared.job import Job
from etl.shared.storage import StoredObject, read_optional_json, write_json

# Files are first tried in so many groups.
_GROUPS = 32
_SHOWN = 500


@dataclass
class Attempts:
    """What is noted from one attempt to the next."""

    job: Job
    # The files that are being read; none once that has gone well.
    reading: list[str] = field(default_factory=list)
    # Whether they are only tried, apart from others.
    apart: bool = False
    # The files that are set aside, and why.
    killers: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(job: Job) -> "Attempts":
        """What the attempts before have noted."""
        noted = Attempts(job, **(read_optional_json(job.storage, _uri(job)) or {}))
        if job.plan.replay and not noted.reading:
            # Whoever replays a file wants it tried again.
            noted.killers = {}
        return noted

    def begin(self, files: list[str], *, apart: bool = False) -> None:
        """Note what is about to be read."""
        self.reading, self.apart = files, apart
        self._write()

    def end(self) -> None:
        """Note that the batch was read. Killers stay noted: until a run publishes, each reads them again."""
        self.reading, self.apart = [], False
        self._write()

    def _write(self) -> None:
        value: dict[str, Any] = {"reading": self.reading, "apart": self.apart, "killers": self.killers}
        write_json(self.job.storage, _uri(self.job), value)


def isolate(
    attempts: Attempts, files: list[StoredObject], attempt: Callable[[list[StoredObject]], None]
) -> list[StoredObject]:
    """The files that the step can read; the others are the attempts' killers.

    Costs nothing unless an earlier attempt has died of any of these files. Raises what it died of where that
    is no single file's fault: without one file that goes well, the fault is somewhere else.
    """
    keys = {file.key for file in files}
    attempts.killers = {key: cause for key, cause in attempts.killers.items() if key in keys}
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
    attempts.killers |= {key: _cause(error) for key, error in failures.items()}
    return [file for file in files if file.key not in attempts.killers]


def _try_apart(
    attempts: Attempts, group: list[StoredObject], attempt: Callable[[list[StoredObject]], None]
) -> dict[str, Exception]:
    attempts.begin([file.key for file in group], apart=True)
    try:
        attempt(group)
    except Exception as error:
        if len(group) == 1:
            return {group[0].key: error}
        return {key: why for file in group for key, why in _try_apart(attempts, [file], attempt).items()}
    return {}


def _cause(error: Exception) -> str:
    return f"the step fails on this file: {' '.join(str(error).split())[:_SHOWN]}"


def _uri(job: Job) -> str:
    return f"{job.uri('transform_state')}/attempts.json"
