"""Monitor: the checks that need the tables of the lake, each with a report of its own."""

from etl.monitor.main import main

if __name__ == "__main__":
    main()
