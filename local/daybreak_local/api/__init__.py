"""AWS's APIs as botocore's models describe them: what a request calls, and whether it satisfies the model."""
