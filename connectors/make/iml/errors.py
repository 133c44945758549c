"""What is wrong with an expression."""


class ImlError(Exception):
    """The expression cannot be read, or calls what does not exist. Says where."""
