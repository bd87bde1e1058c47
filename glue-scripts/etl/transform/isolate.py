"""Finds and quarantines the input on which the step fails, so that no record can block the others.

Before the step reads files, it writes their names to a state file. If the next run still finds them there,
the step has failed on them, perhaps because of one of them. It then tries them separately: in groups, and
the failing group file by file, each time after writing the names to the state file. This finds the file even
if it kills the process. If the step fails on a file with an error, its lines are tried separately, too.

The cause may also lie outside the files: somebody ends the process, or a service fails for a while. A file
or a line is therefore quarantined only on this evidence:

- An error that names the storage, the network or credentials is none: the run fails with it.
- Another error counts if it occurs again after the step has worked on other input. An interruption that is
  still there makes that input fail as well, and one that is over does not make the file fail again.
- The death of the process counts in the same way: three times on the file alone, with other input that it
  survived in between.

What remains: a process that is ended from outside at least four times, of which three while it reads the
same file alone, or a storage that fails at least four times, of which three where the result of such a trial
is noted. The quarantine says that this is possible, and `daybreak quarantine replay` tries again.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from etl.shared.environment import is_environmental
from etl.shared.job import Job
from etl.shared.storage import StoredObject, read_optional_json, write_json
from etl.transform.raw import positions

# The number of groups in which files are first tried.
_GROUPS = 32
# The most line spans of one file that are tried: enough to find a few lines among a million.
_SPANS = 100
# How often the process has to die on a file alone before the file is quarantined.
_DEATHS = 3
_DIED = (
    f"the process ended {_DEATHS} times, without an error, while it read this file alone, and never while it "
    "read others. If that was for another reason, such as too little memory or a storage that failed, replay "
    "the file"
)
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
    # How often a file was tried alone without any result: the process died.
    deaths: dict[str, int] = field(default_factory=dict)
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

    def begin(self, files: Iterable[StoredObject]) -> None:
        """Record the files that are about to be read together."""
        self.reading, self.apart, self.deaths = [file.key for file in files], False, {}
        self._write()

    def begin_apart(self, files: list[StoredObject]) -> None:
        """Record the files that are about to be tried separately from the others."""
        self.reading, self.apart = [file.key for file in files], True
        if len(files) == 1:
            (key,) = self.reading
            self.deaths[key] = self.deaths.get(key, 0) + 1
        self._write()

    def begin_control(self, files: list[StoredObject]) -> None:
        """Record what is being searched while the step works on other input."""
        self.reading, self.apart = [file.key for file in files], False
        self._write()

    def survived(self, files: list[StoredObject]) -> None:
        """Note, for the next record, that the process did not die on these files."""
        for file in files:
            self.deaths.pop(file.key, None)

    def interrupted(self, files: list[StoredObject]) -> None:
        """Record that the process did not die on these files, although there is no result."""
        if len(files) > 1:
            return
        for file in files:
            self.deaths[file.key] -= 1
            if not self.deaths[file.key]:
                del self.deaths[file.key]
        # The storage may be what interrupts. Then a death too many is on record, which alone is not enough.
        with suppress(Exception):
            self._write()

    def end(self) -> None:
        """Record that the batch was read. The killers stay: runs read them again until one publishes."""
        self.begin([])

    def keep_only(self, keys: set[str]) -> None:
        """Forget files that are no longer part of the batch; quarantine those on which the process died."""
        dead = [key for key, deaths in self.deaths.items() if deaths >= _DEATHS]
        killers = self.killers | dict.fromkeys(dead, _DIED)
        self.killers = {key: cause for key, cause in killers.items() if key in keys}
        self.lines = {key: found for key, found in self.lines.items() if key in keys}
        self.deaths = {key: n for key, n in self.deaths.items() if key in keys and key not in self.killers}

    def _write(self) -> None:
        value = {name: value for name, value in vars(self).items() if name != "job"}
        write_json(self.job.storage, _uri(self.job), value)


def isolate(
    attempts: Attempts,
    files: list[StoredObject],
    attempt: Attempt,
    published: Callable[[], list[StoredObject]] = list,
) -> list[StoredObject]:
    """Returns the files that the step can read, without the lines in `attempts.lines`; the other files are in
    `attempts.killers`.

    Costs nothing unless an earlier attempt failed on one of these files. Raises the error if the cause is not
    in a file or a line: the error names the environment, the step fails on everything, or it fails now on
    what it could read before. `published` lists files that an earlier run has read, to compare with.
    """
    died_apart = attempts.apart
    attempts.keep_only({file.key for file in files})
    waiting = [file for file in files if file.key not in attempts.killers]
    suspects = [file for file in waiting if file.key in attempts.reading]
    if suspects or attempts.deaths:
        _Search(attempts, attempt, waiting, published).run(suspects, alone=died_apart)
    return [file for file in files if file.key not in attempts.killers]


@dataclass
class _Found:
    """What a pass has found: the files on which the step fails, and the lines of other files."""

    files: dict[str, Exception] = field(default_factory=dict)
    lines: dict[str, dict[int, str]] = field(default_factory=dict)

    def both(self, other: "_Found") -> "_Found":
        """What two passes have found. A file on which the step fails fails with each of its lines."""
        common = _Found({key: error for key, error in self.files.items() if key in other.files})
        for key, found in self.lines.items():
            if key in other.files:
                common.lines[key] = found
            elif key in other.lines:
                common.lines[key] = {at: cause for at, cause in found.items() if at in other.lines[key]}
        common.lines |= {key: found for key, found in other.lines.items() if key in self.files}
        return common


class _Search:
    """Tries files and lines separately."""

    def __init__(
        self,
        attempts: Attempts,
        attempt: Attempt,
        waiting: list[StoredObject],
        published: Callable[[], list[StoredObject]],
    ) -> None:
        self._attempts = attempts
        self._attempt = attempt
        self._waiting = waiting
        self._published = published
        self._died = [file for file in waiting if file.key in attempts.deaths]
        self._untried = [file for file in waiting if file not in self._died]
        # The last input on which the step worked.
        self._good: tuple[list[StoredObject], Span | None] | None = None
        self._found = _Found()

    def run(self, suspects: list[StoredObject], *, alone: bool) -> None:
        """Try the suspects, and all others if the process died while it tried some apart from the others."""
        others = [file for file in self._waiting if alone and file not in suspects]
        self._try_all([file for file in suspects if file not in self._died], alone=alone)
        self._try_all([file for file in others if file not in self._died])
        if self._died:
            # Last, after the process has survived other input.
            self._prove(None)
            self._try_all(self._died, alone=True)
        first = self._found
        failed = [file for file in self._waiting if file.key in {*first.files, *first.lines}]
        if not failed:
            return
        error = next(iter(first.files.values()), None)
        self._prove(error)
        self._found = _Found()
        self._try_all(failed, alone=True)
        self._prove(error)
        both = first.both(self._found)
        self._attempts.killers |= {key: _cause("file", cause) for key, cause in both.files.items()}
        self._attempts.lines |= {key: found for key, found in both.lines.items() if found}

    def _try_all(self, files: list[StoredObject], *, alone: bool = False) -> None:
        """Try files in groups, or each alone."""
        size = 1 if alone else max(1, -(-len(files) // _GROUPS))
        for start in range(0, len(files), size):
            self._try_apart(files[start : start + size])

    def _try_apart(self, group: list[StoredObject]) -> None:
        """Find the files of a group, or their lines, on which the step fails."""
        self._attempts.begin_apart(group)
        self._untried = [file for file in self._untried if file not in group]
        try:
            error = self._error(group, None)
            if error and len(group) > 1:
                self._try_all(group, alone=True)
            elif error:
                self._search_lines(group[0], error)
        except Exception:
            if self._is_alive():
                self._attempts.interrupted(group)
            raise
        self._attempts.survived(group)

    def _prove(self, error: Exception | None) -> None:
        """Work on other input than what failed. Raise the error if there is none, or the step fails on it.

        Without an error, files are suspected because the process died: then an empty batch is enough.
        """
        self._attempts.begin_control(self._waiting)
        good = self._good or (self._untried[:1] or self._published(), None)
        if error and not good[0]:
            raise error
        self._attempt(*good)

    def _search_lines(self, file: StoredObject, error: Exception) -> None:
        """Find the lines on which the step fails; if it fails on too many or on all, the file fails."""
        lines = positions(self._attempts.job, file.key)
        found: dict[int, str] = {}
        worked = False
        spans = [lines]
        for _ in range(_SPANS):
            if not spans:
                break
            some = spans.pop()
            cause = self._error([file], (some[0], some[-1]) if some else None)
            middle = len(some) // 2
            if cause is None:
                worked = True
            elif middle:
                spans += [some[middle:], some[:middle]]
            else:
                found |= {position: _cause("line", cause) for position in some}
        if spans or not worked:
            self._found.files[file.key] = error
        elif found:
            self._found.lines[file.key] = found

    def _error(self, files: list[StoredObject], span: Span | None) -> Exception | None:
        """The error with which the step fails on some input. Raises one that cannot be due to the input."""
        try:
            self._attempt(files, span)
        except Exception as error:
            if is_environmental(error) or not self._is_alive():
                raise
            return error
        self._good = files, span
        return None

    def _is_alive(self) -> bool:
        """Whether Spark's JVM is there. Its end is the death of the process, although Python goes on."""
        try:
            return bool(self._attempts.job.spark.version)
        except Exception:
            return False


def _cause(what: str, error: Exception) -> str:
    return f"the step fails on this {what}: {' '.join(str(error).split())[:_SHOWN]}"


def _uri(job: Job) -> str:
    return f"{job.uri('transform_state')}/attempts.json"
