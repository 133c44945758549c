"""The shop's web face: consent screen, tokens, Admin API and storefront, over plain HTTP where it is a demo.

Takes what our connector and Shopify's own libraries send, and refuses it as Shopify does.
"""

from __future__ import annotations

import html
import json
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import digest
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from graphql import GraphQLSchema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.shopify.admin_api import AdminApi
from connectors.shopify.documents import URL_KEY
from connectors.shopify.grants import GrantRefused, Grants
from connectors.shopify.shop import Product, Shop
from connectors.simulation import Post, post_over_http, sending, utc_now

DEMO_SHOP: Final = "sayhook-demo.myshopify.com"
SCOPES: Final = frozenset({"write_products"})
_over_http: Final = post_over_http(seconds=5)
"""Shopify waits five seconds for an answer."""
_VERSION = re.compile(r"[0-9]{4}-(01|04|07|10)|unstable")
_BAD_TOKEN: Final = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105
_OLD_TOKEN: Final = "Non-expiring access tokens are no longer accepted for the Admin API."  # noqa: S105


class Simulator:
    """`app` serves one shop with one app installed. `schema` is another than the connector's part of it."""

    def __init__(
        self,
        home: str,
        *,
        post: Post = _over_http,
        now: Callable[[], datetime] = utc_now,
        schema: GraphQLSchema | None = None,
        scopes: frozenset[str] = SCOPES,
    ) -> None:
        host = urlsplit(home).hostname or ""
        domain = host if host.endswith(".myshopify.com") else DEMO_SHOP
        self.stands_for: Sequence[str] = (f"https://{domain}",)
        self.now, self.scopes = now, scopes
        self.grants = Grants(secrets.token_hex(16), f"shpss_{secrets.token_hex(16)}", now)
        self.shop = Shop(domain, self.grants.client_secret, post, now, storefront=home)
        self.api = AdminApi(self.shop, schema)
        minted = self.grants.mint(scopes)
        self.credentials: Mapping[str, str] = {
            "access_token": minted["access_token"],
            "refresh_token": minted["refresh_token"],
            "client_id": self.grants.client_id,
            "client_secret": self.grants.client_secret,
        }
        self.app = Starlette(
            routes=[
                Route("/admin/oauth/authorize", self._authorize),
                Route("/admin/oauth/access_token", self._token, methods=["POST"]),
                Route("/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
                Route("/products/{handle}", self._storefront),
            ],
            exception_handlers={404: _not_found, 405: _not_found},
            lifespan=sending(self.shop.send_waiting),
        )

    async def act(self) -> str:
        """The merchant makes a product; the path of the page where its voice must be heard."""
        text = "<p>A mug for the camp fire. It holds 350 ml.</p>"
        product = self.shop.create({"title": "Enamel mug", "body_html": text})
        return f"/products/{product.fields['handle']}"

    def uninstall(self) -> None:
        """The merchant takes the app off: the tokens are dead before the hub hears of it."""
        self.grants.revoke()
        self.shop.uninstall()

    def install_link(self, app_url: str) -> str:
        """Where Shopify sends the merchant who chooses to install the app."""
        return f"{app_url}?{self._signed({})}"

    def _signed(self, more: Mapping[str, str]) -> str:
        store = f"admin.shopify.com/store/{self.shop.domain.split('.', 1)[0]}"
        parameters = {
            **more,
            "host": b64encode(store.encode()).decode().rstrip("="),
            "shop": self.shop.domain,
            "timestamp": str(int(self.now().timestamp())),
        }
        message = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters))
        parameters["hmac"] = digest(self.grants.client_secret.encode(), message.encode(), sha256).hex()
        return urlencode(parameters)

    async def _authorize(self, request: Request) -> Response:
        """The merchant says yes at once."""
        query = request.query_params
        if query.get("client_id") != self.grants.client_id:
            return HTMLResponse("<h1>Oauth error invalid_request</h1>", 400)
        asked = frozenset(filter(None, query.get("scope", "").split(",")))
        code = self.grants.code(asked & self.scopes)
        back = self._signed({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{query.get('redirect_uri', '')}?{back}", 302)

    async def _token(self, request: Request) -> Response:
        try:
            return JSONResponse(self.grants.answer(await _given(request)))
        except GrantRefused as refused:
            return JSONResponse({"error": refused.error}, 400)

    async def _graphql(self, request: Request) -> Response:
        if not _VERSION.fullmatch(request.path_params["version"]):
            return await _not_found(request, None)
        token = self.grants.token(request.headers.get("x-shopify-access-token", ""))
        if token is None:
            return JSONResponse({"errors": _BAD_TOKEN}, 401)
        if token.expires is None:
            return JSONResponse({"errors": _OLD_TOKEN}, 403)
        try:
            asked = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"errors": "Bad Request"}, 400)
        return JSONResponse(self.api.answer(asked, token.scopes, self.now()))

    async def _storefront(self, request: Request) -> Response:
        """The product's page, with the block of our theme extension on it."""
        handle = request.path_params["handle"]
        found = [one for one in self.shop.products.values() if one.fields["handle"] == handle]
        if not found or found[0].fields["status"] in ("draft", "archived"):
            return HTMLResponse("<h1>Not found</h1>", 404)
        title, text = html.escape(found[0].fields["title"]), found[0].fields["body_html"] or ""
        player = _player(found[0], self.api.app_id)
        return HTMLResponse(
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><main><h1>{title}</h1>{player}{text}</main></html>"
        )


def _player(product: Product, app_id: int) -> str:
    """What the block of our theme extension makes of the product, with its settings as they come."""
    metafield = product.metafields.get((f"app--{app_id}", URL_KEY))
    if metafield is None:
        return ""
    source, title = html.escape(metafield["value"]), html.escape(product.fields["title"])
    return (
        '<figure class="sayhook-audio sayhook-audio--plain" style="--sayhook-space: 16px;">'
        '<figcaption class="sayhook-audio__label" id="sayhook-player">Listen to this product</figcaption>'
        f'<audio class="sayhook-audio__player" controls preload="none" src="{source}"'
        ' aria-labelledby="sayhook-player">'
        f'<a href="{source}">Listen to {title}</a></audio></figure>'
    )


async def _given(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    if "json" in request.headers.get("content-type", ""):
        found: Any = json.loads(body)
        return {name: str(value) for name, value in found.items()}
    return dict(parse_qsl(body, keep_blank_values=True))


async def _not_found(request: Request, error: Exception | None) -> Response:
    return JSONResponse({"errors": "Not Found"}, 404)
