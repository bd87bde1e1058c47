"""Score: the day's scores into the table, and the newest day's to a fixed place."""

from etl.score.step import run
from etl.shared.main import main

if __name__ == "__main__":
    main("score", run)
