"""What the Glue jobs do, as functions from DataFrame to DataFrame; the `*_*.py` mains beside this package
only start them.
"""
