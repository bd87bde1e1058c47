"""Loading a model from disk, with clear errors for invalid folders."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from artifact import load, save
from settings import parse_settings
from splits import DatasetDescription
from training import fit
from user_error import UserError


@pytest.fixture
def saved(rows: Callable[..., pd.DataFrame], description: DatasetDescription, tmp_path: Path) -> Path:
    model = fit(rows(200, 1), rows(100, 2), description, parse_settings({"num_round": 5}))
    features = [feature.to_json() for feature in model.features]
    save(tmp_path / "model", model.booster, {"features": features, "threshold": 0.5})
    return tmp_path / "model"


def test_a_model_is_read_from_its_archive(
    saved: Path, tmp_path: Path, rows: Callable[..., pd.DataFrame]
) -> None:
    folder = tmp_path / "challenger"
    folder.mkdir()
    with tarfile.open(folder / "model.tar.gz", "w:gz") as archive:
        for file in (saved / "model.ubj", saved / "metadata.json"):
            archive.add(file, file.name)

    frame = rows(20, 3)
    assert list(load(folder).score(frame)) == list(load(saved).score(frame))


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"holds no model\.ubj"):
        load(tmp_path)


def test_metadata_of_another_format_version_is_rejected(saved: Path) -> None:
    file = saved / "metadata.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 99}))

    with pytest.raises(UserError, match="has format 99; this code reads 1"):
        load(saved)


def test_a_model_brings_the_code_that_serves_it(saved: Path, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(saved / 'code')!r}); import serve; print(serve.__file__)"
    program = f"{code}; print(serve.model_fn({str(saved)!r}).model.threshold)"
    # Nothing else of this project can be imported: -I leaves out the current folder and PYTHONPATH.
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert done.stdout.split() == [str(saved / "code" / "serve.py"), "0.5"], done.stderr
