"""What a person found out about a provider's paths, kept as an overlay of its document: corrections -> catalog."""
