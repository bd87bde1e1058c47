"""SageMaker training entry point (script mode): fits the model that passed the gate on all labelled rows.

Reads the evaluated model for what its training chose, the number of rounds and the threshold, and writes
model.ubj and metadata.json of the model to be registered.
"""

import json
import os
import sys
from pathlib import Path

import pandas as pd
from artifact import load, save
from channels import channel
from settings import parse_settings
from splits import PARTS, read_description, read_split
from training import refit
from user_error import run


def main() -> None:
    """Read SageMaker's inputs, fit, and write the model."""
    settings = parse_settings(json.loads(os.environ.get("SM_HPS", "{}")))
    description = read_description(channel("dataset"))
    evaluated = load(channel("model"))
    # In one order, so that equal files give equal models. Without purged days their part has no rows.
    rows = pd.concat([read_split(channel(part), part) for part in PARTS], ignore_index=True)
    rounds = int(evaluated.metadata["best_iteration"]) + 1
    model = refit(rows, description, settings, rounds)
    summary = {
        **evaluated.metadata,
        "features": [feature.to_json() for feature in model.features],
        "refitted_rows": len(rows),
    }
    save(Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model")), model.booster, summary)
    print(f"Fitted on all {len(rows)} labelled rows: {rounds} trees, as early stopping chose.")


if __name__ == "__main__":
    sys.exit(run(main, Path(os.environ.get("SM_OUTPUT_DIR", "/opt/ml/output")) / "failure"))
