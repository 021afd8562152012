"""A stored result -> a file below the one folder the user allowed, whole or not at all."""
