"""Benchmarks: our server beside its peer, in turn, in the same run; the sandbox beside the growth of its data."""
