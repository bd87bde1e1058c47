"""Transform: raw files to staged events."""
