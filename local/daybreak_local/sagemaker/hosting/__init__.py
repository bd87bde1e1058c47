"""Endpoints: model servers, traffic routing, blue/green deployments, data capture and metrics."""
