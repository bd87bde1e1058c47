"""A local emulation of SageMaker, validated against botocore's service models.

`front` handles the HTTP requests that ministack routes to it; `service` validates and dispatches them.
`control/` implements the control plane, `jobs/` training and processing jobs, `hosting/` endpoints and
`featurestore/` the Feature Store. `container/` runs inside a "container": a process in a sandbox folder.

Not supported; requests that need it are rejected unless noted:
- Images other than sagemaker-xgboost:3.0-5, Pipe mode, manifests, file systems, multi-instance jobs.
- Inference pipelines, asynchronous, serverless and multi-model inference, multi-variant endpoints.
  A variant runs as one server, whatever its instance count.
- Linear and rolling deployments; UpdateFeatureGroup, TtlDuration, collection types.
- PutRecord to the offline store: locally only Spark writes it.
- Persistence: resources and online records are lost on restart.

DAYBREAK_WAIT_SCALE multiplies the wait intervals of deployments.
"""
