"""A local SageMaker: small and true, driven by botocore's models of the service.

`seam` is what the rest of the local cloud uses. Inside, `service` checks and dispatches requests,
`control/` keeps the resources, `jobs/` runs training and processing, `hosting/` runs endpoints,
`featurestore/` holds the records, and `container/` is what runs inside a "container" (a process in a
sandbox folder).

What it does not do, and says so when asked:
- Images other than sagemaker-xgboost:3.0-5, Pipe mode, manifests, file systems, several instances a job.
- Inference pipelines, asynchronous, serverless and multi-model inference, shadow variants. A variant is one
  server, however many instances it is given.
- PutRecord to the offline store: locally Spark alone writes it.
- Anything over a restart: resources and online records are kept in memory.
- Waits of deployments can be shortened with DAYBREAK_WAIT_SCALE; nothing else depends on the clock's speed.
"""
