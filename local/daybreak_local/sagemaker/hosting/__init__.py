"""Endpoints: model servers, the traffic between fleets of them, canary deployments, capture and metrics."""
