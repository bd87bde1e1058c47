"""Copies the growing output files of a job to CloudWatch Logs, line by line."""

from pathlib import Path

from daybreak_local.cloud.logs import write_log

LINES_A_CALL = 1000


class LogShipper:
    """Copies the files of one run, tracking the offset in each."""

    def __init__(self, stream: str, groups: dict[Path, str]) -> None:
        self._stream = stream
        self._groups = groups
        self._positions = dict.fromkeys(groups, 0)

    def ship(self, *, final: bool = False) -> None:
        """Copies complete new lines; with `final`, also a last partial line."""
        for path, group in self._groups.items():
            if not path.exists():
                continue
            with path.open("rb") as file:
                file.seek(self._positions[path])
                new = file.read()
            if not final:
                new = new[: new.rfind(b"\n") + 1]
            self._positions[path] += len(new)
            lines = new.decode(errors="replace").splitlines()
            for first in range(0, len(lines), LINES_A_CALL):
                write_log(group, self._stream, lines[first : first + LINES_A_CALL])
