"""Transform: raw files to staged events."""

from etl.shared.main import main
from etl.transform.step import run

if __name__ == "__main__":
    main("transform", run)
