"""The `sayhook` command line.

Commands import what they need when they run, so that `sayhook --help` answers at once.
"""

from hub.cli.main import main

__all__ = ["main"]
