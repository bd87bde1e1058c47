"""What stands in for AWS on a laptop: the local cloud and the warm Spark session behind it."""
