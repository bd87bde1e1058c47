"""The Feature Store: in-memory online stores and the offline store's Iceberg tables."""
