"""What runs inside a "container": a process of its own, in a sandbox folder laid out like the image's
/opt/ml."""
