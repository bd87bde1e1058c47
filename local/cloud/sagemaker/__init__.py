"""A local SageMaker: small and true, driven by botocore's models of the service.

`seam` is what the rest of the local cloud uses. Inside, `service` checks and dispatches requests,
`control/` keeps the resources, `jobs/` runs training and processing, `hosting/` runs endpoints,
`featurestore/` holds the records, and `container/` is what runs inside a "container" (a process in a
sandbox folder).
"""
