"""Credentials, tokens and the chosen workspaces: the only state of a run besides the stored results."""
