"""Stored results as tables, and the SQL engine that reads them and nothing else."""
