"""A folder that emulates a container's /opt/ml, and the mapping of its paths."""

import json
import re
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

_OPT_ML = re.compile(r"(?<![\w.-])/opt/ml(?=/|\b)")
_PYTHONS = {"python", "python3", "/miniconda3/bin/python", "/miniconda3/bin/python3", "/usr/bin/python3"}


class Sandbox:
    """The folder of one job or model server."""

    def __init__(self, home: Path, name: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.root = Path(tempfile.mkdtemp(prefix=f"{name[:40]}-", dir=home))
        self.opt_ml = self.root / "opt" / "ml"
        self.opt_ml.mkdir(parents=True)

    def path(self, container_path: str) -> Path:
        """The local path of a container path. Raises ValueError if it is outside /opt/ml."""
        if not _OPT_ML.match(container_path):
            raise ValueError(
                f"{container_path} is outside /opt/ml, which is all of the container that exists here"
            )
        return Path(self.rewrite(container_path))

    def rewrite(self, text: str) -> str:
        """Replaces every /opt/ml path in the text with the sandbox's."""
        return _OPT_ML.sub(lambda _: str(self.opt_ml), text)

    def write_json(self, container_path: str, value: Any) -> None:
        """Writes a configuration file for the container."""
        path = self.path(container_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))

    def remove(self) -> None:
        """Deletes the folder."""
        shutil.rmtree(self.root, ignore_errors=True)


def local_command(command: list[str]) -> list[str]:
    """Replaces the image's Python with this interpreter, which has the same packages."""
    return [sys.executable, *command[1:]] if command and command[0] in _PYTHONS else command


def extract_tar(archive: Path, folder: Path) -> None:
    """Unpacks a tar.gz; tarfile's data filter rejects members outside the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def pack_tar(folder: Path, archive: Path) -> None:
    """Packs a folder's contents as SageMaker does: names relative to the folder."""
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=path.name)
