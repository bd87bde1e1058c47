"""Copies the growing output files of a job to CloudWatch Logs, line by line."""

import time
from pathlib import Path

from daybreak_local.sagemaker.platform import RoleSession


class LogShipper:
    """Copies the files of one run, tracking the offset in each."""

    def __init__(self, session: RoleSession, stream: str, groups: dict[Path, str]) -> None:
        self._session, self._stream = session, stream
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
            now = int(time.time() * 1000)
            lines = [(now, line) for line in new.decode(errors="replace").splitlines()]
            self._session.write_logs(group, self._stream, lines)
