"""The audit trail: for each tool call a line of JSON in a file that the operator named, before a write another."""
