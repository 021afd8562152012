"""Answers of providers -> a summary that fits, and a store that keeps the whole."""
