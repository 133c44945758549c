"""Text in, checked audio out. Importing this package loads no model and no heavy library."""

from engine.speaker import Engine, speak

__all__ = ["Engine", "speak"]
