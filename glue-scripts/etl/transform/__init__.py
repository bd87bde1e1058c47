"""Transform: parses raw files into staged events."""
