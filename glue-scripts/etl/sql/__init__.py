"""A pipeline's own SQL: what it may contain, what it must keep apart, and running it."""
