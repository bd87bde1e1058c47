"""Train: builds the training set from features and later events."""
