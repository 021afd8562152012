"""One tool call of a provider's operation, end to end."""
