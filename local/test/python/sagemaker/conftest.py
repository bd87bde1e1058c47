import io
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sagemaker_checked import CheckedSageMaker
from sagemaker_fakes import FakePlatform


@pytest.fixture
def platform(tmp_path: Path) -> FakePlatform:
    folder = tmp_path / "s3"
    folder.mkdir()
    return FakePlatform(folder)


@pytest.fixture(autouse=True)
def _developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of the developer's shell, which no job and no model server may see."""
    monkeypatch.setenv("SECRET_TOKEN", "the developer's")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "root's")


@pytest.fixture
def sagemaker(
    platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CheckedSageMaker]:
    monkeypatch.setenv("DAYBREAK_WAIT_SCALE", "0.01")
    service = CheckedSageMaker(platform, tmp_path / "home")
    yield service
    service.close()


@pytest.fixture
def archive() -> Callable[..., bytes]:
    """A tar.gz archive of name=text pairs."""

    def pack(**files: str) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, text in files.items():
                body = text.encode()
                entry = tarfile.TarInfo(name.replace("__", "."))
                entry.size = len(body)
                tar.addfile(entry, io.BytesIO(body))
        return buffer.getvalue()

    return pack
