"""Features: computes feature rows from published events, for the feature table and the online store."""
