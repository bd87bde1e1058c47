import io
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from daybreak_local.sagemaker import model
from daybreak_local.sagemaker.service import LocalSageMaker

sys.path.insert(0, str(Path(__file__).parent))

from sagemaker_fakes import FakePlatform


@pytest.fixture
def platform(tmp_path: Path) -> FakePlatform:
    folder = tmp_path / "s3"
    folder.mkdir()
    return FakePlatform(folder)


class CheckedSageMaker(LocalSageMaker):
    """Every answer of every test must have what botocore's model says an answer always has."""

    def call(self, name: str, parameters: Any, service: str = model.CONTROL) -> dict[str, Any]:
        answer = super().call(name, parameters, service)
        operation = model.operation_model(service, name)
        shape = operation.output_shape if operation else None
        assert not list(_missing(shape, answer, name)), f"AWS's answer always has these: {answer}"
        return answer


def _missing(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from (f"{path}.{name}" for name in shape.required_members if name not in value)
        for name, item in value.items():
            yield from _missing(shape.members[name], item, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        for item in value:
            yield from _missing(shape.member, item, path)
    elif isinstance(shape, MapShape):
        for item in value.values():
            yield from _missing(shape.value, item, path)


@pytest.fixture
def sagemaker(
    platform: FakePlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalSageMaker]:
    monkeypatch.setenv("DAYBREAK_WAIT_SCALE", "0.01")
    service = CheckedSageMaker(platform, tmp_path / "home")
    yield service
    service.close()


@pytest.fixture
def archive() -> Callable[..., bytes]:
    """A tar.gz of name=text pairs."""

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
