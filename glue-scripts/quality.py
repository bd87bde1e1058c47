"""Quality: staged events are published, or the run halts."""

from etl.quality.step import run
from etl.shared.main import main

if __name__ == "__main__":
    main("quality", run)
