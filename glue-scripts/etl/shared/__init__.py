"""What the stages share: the job around a step, the spec, tables, object storage, the pipeline's SQL."""
