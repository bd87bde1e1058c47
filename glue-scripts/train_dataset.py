"""Train, first step: the point-in-time training set."""

from etl.shared.main import main
from etl.train.step import run

if __name__ == "__main__":
    main("train-dataset", run)
