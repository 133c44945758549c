"""Where to go after signing in: a path of this hub and nothing else."""

from __future__ import annotations

HOME = "/playground"
_LONGEST = 4000


def local_path(given: str, default: str = HOME) -> str:
    """`given` when it is a path of ours, else `default`: `//host`, `/\\host` and `scheme:` lead elsewhere."""
    if not given.startswith("/") or given.startswith("//") or len(given) > _LONGEST:
        return default
    if any(character <= " " or character in "\\\x7f" for character in given):
        return default
    return given
