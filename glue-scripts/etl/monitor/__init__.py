"""Monitor: the checks of the serving version that need the tables of the lake."""
