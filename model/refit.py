"""SageMaker training entry point: fits the model that passed the gate on all labelled rows.

Reads the evaluated model for what its training chose, the number of rounds and the threshold, and writes
model.ubj and metadata.json of the model to be registered.
"""

import sys

import pandas as pd
from artifact import load, save
from container import FAILURE_FILE, MODEL_FOLDER, channel, hyperparameters
from settings import parse_settings
from splits import PARTS, read_description, read_split
from training import refit
from user_error import run


def main() -> None:
    """Read SageMaker's inputs, fit, and write the model."""
    settings = parse_settings(hyperparameters())
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
    save(MODEL_FOLDER, model.booster, summary)
    print(f"Fitted on all {len(rows)} labelled rows: {rounds} trees, as early stopping chose.")


if __name__ == "__main__":
    sys.exit(run(main, FAILURE_FILE))
