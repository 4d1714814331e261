"""The ways in: one file per Lambda function, the HTTP API and the command line."""
