"""Finds and quarantines the input on which the step fails, so that no record can block the others.

Before the step reads files, it writes their names to a state file. If the next run still finds them there,
the step has failed on them, perhaps because of one of them. It then tries them separately: in groups, and
the failing group file by file, each time after writing the names to the state file. This finds the file even
if it kills the process. If the step fails on a file with an error, its lines are tried separately, too.

The cause may also lie outside the files: somebody ends the process, or the storage fails for a while. A file
is therefore quarantined only if the process died twice on this file alone. Nothing is quarantined for an
error unless it occurs again while the step works on other input.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from etl.shared.job import Job
from etl.shared.storage import StoredObject, read_optional_json, write_json
from etl.transform.raw import positions

# The number of groups in which files are first tried.
_GROUPS = 32
# The most line spans of one file that are tried: enough to find a few lines among a million.
_SPANS = 100
# How often the process has to die on a file alone before the file is quarantined.
_DEATHS = 2
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

    def survived(self, files: list[StoredObject]) -> None:
        """Note, for the next record, that the process did not die on these files."""
        for file in files:
            self.deaths.pop(file.key, None)

    def end(self) -> None:
        """Record that the batch was read. The killers stay: runs read them again until one publishes."""
        self.begin([])

    def keep_only(self, keys: set[str]) -> None:
        """Forget files that are no longer part of the batch; quarantine those on which the process died."""
        dead = [key for key, deaths in self.deaths.items() if deaths >= _DEATHS]
        died = f"the step died {_DEATHS} times while it read this file alone, without an error"
        killers = self.killers | dict.fromkeys(dead, died)
        self.killers = {key: cause for key, cause in killers.items() if key in keys}
        self.lines = {key: found for key, found in self.lines.items() if key in keys}
        self.deaths = {key: n for key, n in self.deaths.items() if key in keys and key not in self.killers}

    def _write(self) -> None:
        value = {name: value for name, value in vars(self).items() if name != "job"}
        write_json(self.job.storage, _uri(self.job), value)


def isolate(attempts: Attempts, files: list[StoredObject], attempt: Attempt) -> list[StoredObject]:
    """Returns the files that the step can read, without the lines in `attempts.lines`; the other files are in
    `attempts.killers`.

    Costs nothing unless an earlier attempt failed on one of these files. Raises the error if the cause is not
    in a file or a line: the step fails on everything, or it fails now on what it could read before.
    """
    died_apart = attempts.apart
    attempts.keep_only({file.key for file in files})
    waiting = [file for file in files if file.key not in attempts.killers]
    suspects = [file for file in waiting if file.key in attempts.reading]
    search = _Search(attempts, attempt)
    search.try_all(suspects, alone=died_apart)
    if died_apart and suspects:
        # Not all of the others were tried before the process died.
        search.try_all([file for file in waiting if file not in suspects])
    if search.failures or search.lines:
        search.confirm(waiting)
    attempts.killers |= {key: _cause("file", error) for key, error in search.failures.items()}
    attempts.lines |= {key: found for key, found in search.lines.items() if found}
    return [file for file in files if file.key not in attempts.killers]


@dataclass
class _Search:
    """Tries files and lines separately."""

    attempts: Attempts
    attempt: Attempt
    failures: dict[str, Exception] = field(default_factory=dict)
    lines: dict[str, dict[int, str]] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    # The last input on which the step worked.
    good: tuple[list[StoredObject], Span | None] | None = None

    def try_all(self, files: list[StoredObject], *, alone: bool = False) -> None:
        """Try files in groups, or each alone."""
        size = 1 if alone else max(1, -(-len(files) // _GROUPS))
        for start in range(0, len(files), size):
            self.try_apart(files[start : start + size])

    def try_apart(self, group: list[StoredObject]) -> None:
        """Find the files of a group, or their lines, on which the step fails."""
        self.tried |= {file.key for file in group}
        self.attempts.begin_apart(group)
        try:
            self._try(group, None)
        except Exception as error:
            if len(group) > 1:
                for file in group:
                    self.try_apart([file])
            else:
                self._search_lines(group[0], error)
        self.attempts.survived(group)

    def confirm(self, files: list[StoredObject]) -> None:
        """Try once more what failed, and then what worked. Raise the error if nothing works, or nothing any
        more: then the cause is not in the files.
        """
        self.attempts.begin(files)
        for file in files:
            key = file.key
            if key in self.failures and not self._fails_again(file, None):
                del self.failures[key]
            for position in list(self.lines.get(key, ())):
                if not self._fails_again(file, (position, position)):
                    del self.lines[key][position]
        untried = [file for file in files if file.key not in self.tried][:1]
        good = self.good or (untried, None)
        if good[0]:
            self.attempt(*good)
        elif self.failures:
            raise next(iter(self.failures.values()))

    def _fails_again(self, file: StoredObject, span: Span | None) -> bool:
        try:
            self._try([file], span)
        except Exception:
            return True
        return False

    def _search_lines(self, file: StoredObject, error: Exception) -> None:
        """Find the lines on which the step fails; if it fails on too many or on all, the file fails."""
        lines = positions(self.attempts.job, file.key)
        found: dict[int, str] = {}
        worked = False
        spans = [lines]
        for _ in range(_SPANS):
            if not spans:
                break
            some = spans.pop()
            try:
                self._try([file], (some[0], some[-1]) if some else None)
                worked = True
            except Exception as cause:
                middle = len(some) // 2
                if middle:
                    spans += [some[middle:], some[:middle]]
                else:
                    found |= {position: _cause("line", cause) for position in some}
        if spans or not worked:
            self.failures[file.key] = error
        elif found:
            self.lines[file.key] = found

    def _try(self, files: list[StoredObject], span: Span | None) -> None:
        self.attempt(files, span)
        self.good = files, span


def _cause(what: str, error: Exception) -> str:
    return f"the step fails on this {what}: {' '.join(str(error).split())[:_SHOWN]}"


def _uri(job: Job) -> str:
    return f"{job.uri('transform_state')}/attempts.json"
