"""Beginning a connector: the template's folder under another name."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Final

from hub.errors import Conflict, Unprocessable

_TEMPLATE: Final = "_template"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_TEXTS: Final = frozenset({".py", ".toml", ".md", ".svg", ".json"})


def begin(name: str, package: Path | None = None) -> Path:
    """The new folder in `package`, the hub's own connectors when left out.

    Raises Unprocessable for a name that cannot be one, Conflict when it is taken.
    """
    if not _NAME.fullmatch(name):
        raise Unprocessable("name", "must be 2 to 40 lower-case letters, digits and underscores.")
    own = Path(next(iter(import_module("connectors").__path__)))
    made = (package or own) / name
    if made.exists():
        raise Conflict(f"{made} is there already; choose another name.")
    template = own / _TEMPLATE
    for path in sorted(template.rglob("*")):
        if path.suffix in _TEXTS:
            written = made / path.relative_to(template)
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(_named(path.read_text("utf-8"), name), "utf-8")
    if package is not None and not (package / "__init__.py").exists():
        (package / "__init__.py").touch()
    return made


def _named(text: str, name: str) -> str:
    title = name.replace("_", " ").title()
    host = name.replace("_", "-")
    named = text.replace("platform.example", f"{host}.example").replace("X-Platform-", f"X-{host.title()}-")
    return re.sub(r"\bPlatform\b", title, named)
