"""What is read of a platform's answers."""

from __future__ import annotations

import json

from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from connectors.flow import Request
from hub.connections.platform import call
from tests.hub.api.serving import serving
from webhooks.guard import open_client, policy_for


async def test_a_page_of_long_articles_is_read_whole() -> None:
    articles = [{"id": number, "body": "x" * 100_000} for number in range(100)]
    body = json.dumps(articles).encode()

    async def listed(_: Asked) -> Response:
        return Response(body)

    app = Starlette(routes=[Route("/", listed)])
    async with serving(app) as url, open_client(policy_for(allow_private=True)) as client:
        response = await call(client, Request("GET", url), {}, url)
    assert response.json == articles
