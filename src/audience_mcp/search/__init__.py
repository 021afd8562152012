"""Ranking: a request in somebody's own words -> the tools that would do, the best first."""
