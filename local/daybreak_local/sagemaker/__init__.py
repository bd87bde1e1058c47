"""A local SageMaker: small and true, driven by botocore's models of the service.

`front` answers the HTTP requests that ministack routes to it. Inside, `service` checks and dispatches them,
`control/` keeps the resources, `jobs/` runs training and processing, `hosting/` runs endpoints,
`featurestore/` holds the records, and `container/` is what runs inside a "container" (a process in a
sandbox folder).

What it does not do, and says so when asked:
- Images other than sagemaker-xgboost:3.0-5, Pipe mode, manifests, file systems, several instances a job.
- Inference pipelines, asynchronous, serverless and multi-model inference, several variants of an endpoint.
  A variant is one server, however many instances it is given.
- Linear and rolling deployments; feature groups that are changed, time to live, collections.
- PutRecord to the offline store: locally Spark alone writes it.
- Anything over a restart: resources and online records are kept in memory.
- Waits of deployments can be shortened with DAYBREAK_WAIT_SCALE; nothing else depends on the clock's speed.
"""
