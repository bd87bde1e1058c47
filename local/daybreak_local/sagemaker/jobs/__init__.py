"""Training and processing jobs: a sandbox, the container's contract, and the job's role."""
