"""The feature store: records online, in memory, and the offline store's Iceberg table."""
