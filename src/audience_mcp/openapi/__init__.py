"""OpenAPI documents -> operations: the part that knows the format and no provider."""
