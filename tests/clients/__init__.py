"""Quick-start programs in six languages, run unchanged against a running hub."""
