"""Fixtures and rules that every room shares."""

pytest_plugins = ["tests.postgres", "tests.strictness"]
