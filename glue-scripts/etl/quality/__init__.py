"""Quality: staged events to published and quarantined ones."""
