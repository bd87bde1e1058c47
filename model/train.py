"""SageMaker training entry point: reads the channels, writes model.ubj and metadata.json."""

import sys

import xgboost as xgb
from artifact import save
from container import FAILURE_FILE, MODEL_FOLDER, channel, hyperparameters
from settings import parse_settings
from splits import read_description, read_split
from training import fit, labels_of
from user_error import run


def main() -> None:
    """Read SageMaker's inputs, train, and write the model."""
    settings = parse_settings(hyperparameters())
    description = read_description(channel("dataset"))
    train = read_split(channel("train"), "train")
    validation = read_split(channel("validation"), "validation")
    model = fit(train, validation, description, settings)
    summary = {
        "run_id": description.run_id,
        "entity": description.entity,
        "label": description.label,
        "features": [feature.to_json() for feature in model.features],
        "threshold": model.threshold,
        "threshold_by": settings.threshold.by,
        "best_iteration": model.best_iteration,
        "validation_log_loss": model.validation_log_loss,
        "rows": {"train": len(train), "validation": len(validation)},
        "base_rate": {
            "train": float(labels_of(train, description.label).mean()),
            "validation": float(labels_of(validation, description.label).mean()),
        },
        "hyperparameters": {
            **settings.booster,
            "num_round": settings.num_round,
            "early_stopping_rounds": settings.early_stopping_rounds,
            "max_categories": settings.max_categories,
            "seed": settings.seed,
        },
        "xgboost": xgb.__version__,
    }
    save(MODEL_FOLDER, model.booster, summary)
    print(
        f"Trained on {len(train)} rows, validated on {len(validation)}: {model.best_iteration + 1} trees, "
        f"validation log loss {model.validation_log_loss:.5f}, threshold {model.threshold:.4f}."
    )


if __name__ == "__main__":
    sys.exit(run(main, FAILURE_FILE))
