"""Code that runs inside a "container": a process in a sandbox folder that emulates /opt/ml."""
