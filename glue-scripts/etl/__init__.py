"""The Glue jobs by stage, as functions from DataFrame to DataFrame. The scripts beside this package only
start them.
"""
