"""Train: features and later events to a training set."""
