"""Features: published events to the feature table and the online store."""
