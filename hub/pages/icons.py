"""The icons of platforms, which lie in their folders."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route

from connectors.builders import Builder, builders
from connectors.connector import Connector
from hub.connections.catalogue import catalogue
from hub.hub import Hub
from hub.settings import Settings

Platform = Connector | Builder


def platforms(settings: Settings) -> Mapping[str, Platform]:
    """Every connector and every scenario builder, by name."""
    return {**builders(), **catalogue(settings)}


def icon(platform: Platform) -> str:
    """The address of a platform's icon, which changes with its content."""
    return f"/icons/{platform.name}.svg?v={_digest(_file(platform))}"


async def _show(request: Request) -> Response:
    hub: Hub = request.app.state.hub
    platform = platforms(hub.settings).get(request.path_params["name"])
    if platform is None:
        raise HTTPException(404)
    lasting = {"Cache-Control": "public, max-age=31536000, immutable"} if "v" in request.query_params else {}
    return FileResponse(_file(platform), media_type="image/svg+xml", headers=lasting)


ICONS = Mount("/icons", routes=[Route("/{name}.svg", _show)])


def _file(platform: Platform) -> Path:
    return platform.folder / "icon.svg"


@cache
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
