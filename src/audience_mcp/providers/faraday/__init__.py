"""Faraday: persona sets and how their personas grow over time."""
