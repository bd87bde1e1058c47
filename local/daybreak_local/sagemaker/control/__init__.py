"""The control plane: one module a kind of resource."""
