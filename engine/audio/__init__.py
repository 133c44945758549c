"""Samples made into a finished file: edges, loudness, guard, encoding."""
