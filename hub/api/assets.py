"""The files that pages load."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles

_FOR_GOOD = "public, max-age=31536000, immutable"


class Assets(StaticFiles):
    """Files asked for by the address that changes with their content (`?v=…`) are kept for good."""

    def file_response(self, full_path: Any, stat_result: Any, scope: Any, status_code: int = 200) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        if "v" in parse_qs(scope.get("query_string", b"").decode("latin-1")):
            response.headers["Cache-Control"] = _FOR_GOOD
        return response
