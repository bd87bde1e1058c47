"""A folder that stands for a container's file system: /opt/ml, and how its paths are mapped."""

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
    """One job's or one server's folder, removed when it is done."""

    def __init__(self, home: Path, name: str) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.root = Path(tempfile.mkdtemp(prefix=f"{name[:40]}-", dir=home))
        self.opt_ml = self.root / "opt" / "ml"
        self.opt_ml.mkdir(parents=True)

    def path(self, container_path: str) -> Path:
        """Where a path of the container is on this machine."""
        if not _OPT_ML.match(container_path):
            raise ValueError(
                f"{container_path} is outside /opt/ml, which is all of the container that exists here"
            )
        return Path(self.rewrite(container_path))

    def rewrite(self, text: str) -> str:
        """The text with every /opt/ml path replaced by the sandbox's."""
        return _OPT_ML.sub(lambda _: str(self.opt_ml), text)

    def write_json(self, container_path: str, value: Any) -> None:
        """Writes one of the configuration files the container finds."""
        path = self.path(container_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))

    def remove(self) -> None:
        """Deletes the folder."""
        shutil.rmtree(self.root, ignore_errors=True)


def local_command(command: list[str]) -> list[str]:
    """The container's command with its Python replaced by the one that carries the same packages here."""
    return [sys.executable, *command[1:]] if command and command[0] in _PYTHONS else command


def extract_tar(archive: Path, folder: Path) -> None:
    """Unpacks a tar.gz; members that point outside the folder are refused by tarfile's data filter."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def pack_tar(folder: Path, archive: Path) -> None:
    """Packs a folder's contents as SageMaker does: names relative to the folder."""
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, arcname=path.name)
