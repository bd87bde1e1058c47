"""What every stage uses: the job around a step, the spec, the tables, object storage, the pipeline's SQL."""
