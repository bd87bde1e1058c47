"""The part of AWS's awsglue library that Daybreak's scripts use, for local sessions only."""
