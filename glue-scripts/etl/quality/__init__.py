"""Quality: publishes staged events or quarantines them."""
