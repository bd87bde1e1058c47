"""The Glue jobs by stage, as functions from DataFrame to DataFrame. The scripts next to this package start
them.
"""
