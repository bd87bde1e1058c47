"""The warm Spark session: one process with PySpark 3.5.6, as on Glue 5.1, that runs every Glue job of a
local cloud.
"""
