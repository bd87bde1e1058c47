"""What Glue's own Python library offers to a script, as far as Daybreak's scripts use it. Local sessions
only.
"""
