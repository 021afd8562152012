"""Operation -> tool: its schemas, its listing, the checking of its arguments."""
