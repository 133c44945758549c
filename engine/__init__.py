"""Text in, checked audio out. Importing this package loads no model and no heavy library."""
