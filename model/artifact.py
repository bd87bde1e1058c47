"""A model on disk: model.ubj (the trees), metadata.json (features, threshold, versions), and its code."""

import json
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost as xgb
from encoding import Feature, encode
from user_error import UserError

FORMAT = 1

# serve.py and what it imports, saved in `code/`: the endpoint's container is isolated from the network.
SERVING_CODE = ("serve", "artifact", "encoding", "scoring", "splits", "user_error")


@dataclass(frozen=True)
class Model:
    """A loaded model, ready to score."""

    booster: xgb.Booster
    features: tuple[Feature, ...]
    metadata: Mapping[str, Any]

    @property
    def threshold(self) -> float:
        """The decision threshold, chosen on the validation split or fixed when it was trained."""
        return float(self.metadata["threshold"])

    def score_matrix(self, matrix: np.ndarray) -> np.ndarray:
        """Probabilities for an encoded matrix, without building a DMatrix, which is faster."""
        return self.booster.inplace_predict(matrix, validate_features=False)

    def score(self, frame: pd.DataFrame) -> np.ndarray:
        """Probabilities for a frame's rows."""
        return self.score_matrix(encode(frame, self.features))


def save(folder: Path, booster: xgb.Booster, metadata: Mapping[str, Any]) -> None:
    """Write all files. They contain no timestamps, so the same booster and metadata give the same bytes."""
    code = folder / "code"
    code.mkdir(parents=True, exist_ok=True)
    for module in SERVING_CODE:
        shutil.copyfile(Path(__file__).with_name(f"{module}.py"), code / f"{module}.py")
    booster.save_model(folder / "model.ubj")
    text = json.dumps({"format": FORMAT, **metadata}, indent=2, sort_keys=True)
    (folder / "metadata.json").write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> Model:
    """Read a model from a folder, or from a model.tar.gz in it, which processing jobs receive."""
    archive = folder / "model.tar.gz"
    if archive.exists():
        target = folder / "extracted"
        with tarfile.open(archive) as content:
            content.extractall(target, filter="data")
        folder = target
    for name in ("model.ubj", "metadata.json"):
        if not (folder / name).exists():
            raise UserError(f"{folder} holds no {name}: was it written by another training script?")
    metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    if metadata.get("format") != FORMAT:
        found = metadata.get("format")
        raise UserError(f"{folder}/metadata.json has format {found}; this code reads {FORMAT}.")
    booster = xgb.Booster({"nthread": 1})
    booster.load_model(folder / "model.ubj")
    return Model(booster, tuple(Feature.from_json(feature) for feature in metadata["features"]), metadata)
