"""Features: every entity as of each cutoff, in the offline and the online store."""

from etl.features.step import run
from etl.shared.main import main

if __name__ == "__main__":
    main("features", run, "feature_group")
