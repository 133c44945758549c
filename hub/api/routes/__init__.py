"""The handlers, one subject a file."""
