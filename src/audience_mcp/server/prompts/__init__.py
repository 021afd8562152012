"""Prompts for the jobs people do: steps written for a model, with the tools of what is configured."""
