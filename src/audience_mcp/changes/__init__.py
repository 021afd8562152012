"""What this server changed at the providers: kept so that it can be told, compared and taken back."""
