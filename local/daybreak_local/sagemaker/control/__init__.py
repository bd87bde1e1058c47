"""The control plane: one module per resource type."""
