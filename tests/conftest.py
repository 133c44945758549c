"""Fixtures and rules that every room shares."""

pytest_plugins = [
    "tests.models",
    "tests.names",
    "tests.postgres",
    "tests.databases",
    "tests.strictness",
    "tests.thrift",
    "tests.flow.hub_server",
    "tests.flow.spoken",
]
