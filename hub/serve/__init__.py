"""Everything on one machine under one supervisor: `sayhook serve` and `make run`.

Importing this loads nothing: the web process lives here too, and has no use for what supervises it.
"""
