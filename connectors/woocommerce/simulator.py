"""The shop's web face: `wc/v3` with its keys, scopes and errors, the companion plugin's route, a storefront.

Takes what our connector and the official clients send, and refuses it with WooCommerce's own codes. Every
request counts as HTTPS unless `secure` is off; then, as in a real shop, Basic credentials are not looked at.
"""

from __future__ import annotations

import binascii
import html
import json
import secrets
from base64 import b64decode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from connectors.simulation import Post, post_over_http, sending, utc_now
from connectors.woocommerce.shop import PRODUCT_EVENTS, Saved, Shop
from connectors.woocommerce.simulated_screen import Screen

META_KEY: Final = "_sayhook_audio_url"
_over_http: Final = post_over_http(seconds=60)
_ROUTES: Final = (
    ("/wp-json/wc/v3/products", "products"),
    ("/wp-json/wc/v3/products/{id:int}", "product"),
    ("/wp-json/wc/v3/webhooks", "webhooks"),
    ("/wp-json/wc/v3/webhooks/{id:int}", "webhook"),
    ("/wp-json/wc-sayhook/v1/products/{id:int}/audio", "audio"),
)
_METHODS: Final = ["GET", "POST", "PUT", "DELETE"]


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = {"code": code, "message": message, "data": {"status": status}}
        self.status = status


class Simulator:
    """`app` serves one shop; `credentials` open it. Under a server its cron runs by itself."""

    stands_for: Final[Sequence[str]] = ()

    def __init__(
        self,
        home: str,
        *,
        post: Post = _over_http,
        now: Callable[[], datetime] = utc_now,
        plugin: bool = False,
        permissions: str = "read_write",
        secure: bool = True,
    ) -> None:
        self.shop = Shop(home, post, now, plugin=plugin)
        self.credentials = {
            "consumer_key": f"ck_{secrets.token_hex(20)}",
            "consumer_secret": f"cs_{secrets.token_hex(20)}",
        }
        self.keys = {self.credentials["consumer_key"]: self.credentials["consumer_secret"]}
        self.permissions, self.secure = permissions, secure
        screen = Screen(home, self.keys, lambda: self.shop.post)
        api = [Route(path, self._endpoint(name), methods=_METHODS) for path, name in _ROUTES]
        self.app = Starlette(
            routes=[*api, *screen.routes, Route("/product/{slug}/", self._storefront)],
            exception_handlers={404: _no_route, 405: _no_route},
            lifespan=sending(self.shop.send_waiting),
        )

    async def act(self) -> str:
        """The merchant publishes a product; the path of the page where its voice must be heard."""
        product = self.shop.create(
            {"name": "Enamel mug", "description": "<p>A mug for the camp fire. It holds 350 ml.</p>"}
        )
        return f"/product/{product['slug']}/"

    def _endpoint(self, name: str) -> Any:
        async def answer(request: Request) -> Response:
            work = getattr(self, f"_{request.method.lower()}_{name}", None)
            if work is None:
                return await _no_route(request, None)
            try:
                self._authenticate(request)
                given = await _given(request)
                result: Response = await work(request, given)
            except Refused as refused:
                return JSONResponse(refused.answer, refused.status)
            return result

        return answer

    def _authenticate(self, request: Request) -> None:
        key, secret = _basic(request) or _in_query(request) or ("", "")
        if not self.secure or key not in self.keys:
            # An unknown key, or one that is not looked at, is nobody: the resource itself refuses.
            raise Refused(401, _cannot(request), "Sorry, you cannot do this.")
        if not secrets.compare_digest(secret, self.keys[key]):
            raise Refused(401, "woocommerce_rest_authentication_error", "Consumer secret is invalid.")
        needed = "read" if request.method == "GET" else "write"
        if needed not in self.permissions:
            message = f"The API key provided does not have {needed} permissions."
            raise Refused(401, "woocommerce_rest_authentication_error", message)
        if not self.shop.may_view:
            raise Refused(403, _cannot(request), "Sorry, you are not allowed to do this.")

    async def _get_products(self, request: Request, given: Saved) -> Response:
        wanted = request.query_params.get("status", "any")
        shown = [
            product
            for product in self.shop.products.values()
            if product["status"] == wanted or (wanted == "any" and product["status"] != "trash")
        ]
        return _page(request, _ordered(request, shown))

    async def _post_products(self, request: Request, given: Saved) -> Response:
        return JSONResponse(self.shop.create(given), 201)

    async def _get_product(self, request: Request, given: Saved) -> Response:
        return JSONResponse(_fields(request, self._product(request, 404)))

    async def _put_product(self, request: Request, given: Saved) -> Response:
        product = self._product(request, 400)
        return JSONResponse(self.shop.save(product["id"], given))

    async def _delete_product(self, request: Request, given: Saved) -> Response:
        product = self._product(request, 404)
        if request.query_params.get("force") == "true":
            # A permanent delete skips the bin, and with it the announcement.
            return JSONResponse(self.shop.products.pop(product["id"]))
        return JSONResponse(self.shop.bin(product["id"]))

    async def _put_audio(self, request: Request, given: Saved) -> Response:
        if not self.shop.plugin:
            return await _no_route(request, None)
        if request.path_params["id"] not in self.shop.products:
            raise Refused(404, "sayhook_not_found", "No such product.")
        if not isinstance(given.get("url"), str):
            raise Refused(400, "rest_missing_callback_param", "Missing parameter(s): url")
        self.shop.write_quietly(request.path_params["id"], META_KEY, given["url"])
        return JSONResponse({"id": request.path_params["id"], "url": given["url"]})

    async def _delete_audio(self, request: Request, given: Saved) -> Response:
        if not self.shop.plugin:
            return await _no_route(request, None)
        if request.path_params["id"] in self.shop.products:
            self.shop.write_quietly(request.path_params["id"], META_KEY, None)
        return JSONResponse({"id": request.path_params["id"]})

    async def _get_webhooks(self, request: Request, given: Saved) -> Response:
        return _page(request, [hook.shown() for hook in self.shop.webhooks.values()])

    async def _post_webhooks(self, request: Request, given: Saved) -> Response:
        if given.get("topic") not in {f"product.{event}" for event in PRODUCT_EVENTS}:
            code = "woocommerce_rest_shop_webhook_invalid_topic"
            raise Refused(400, code, "Webhook topic is required and must be valid.")
        if not str(given.get("delivery_url", "")).startswith(("https://", "http://")):
            code = "woocommerce_rest_shop_webhook_invalid_delivery_url"
            raise Refused(
                400, code, "Webhook delivery URL must be a valid URL starting with http:// or https://."
            )
        return JSONResponse((await self.shop.register(given)).shown(), 201)

    async def _get_webhook(self, request: Request, given: Saved) -> Response:
        return JSONResponse(self._webhook(request).shown())

    async def _put_webhook(self, request: Request, given: Saved) -> Response:
        hook = self._webhook(request)
        for name in ("name", "status", "topic", "delivery_url", "secret"):
            setattr(hook, name, given.get(name, getattr(hook, name)))
        hook.ping_answered = hook.ping_answered and "delivery_url" not in given
        await self.shop.ping(hook)
        return JSONResponse(hook.shown())

    async def _delete_webhook(self, request: Request, given: Saved) -> Response:
        hook = self._webhook(request)
        if request.query_params.get("force") != "true":
            raise Refused(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        return JSONResponse(self.shop.webhooks.pop(hook.id).shown())

    def _product(self, request: Request, status: int) -> Saved:
        product = self.shop.products.get(request.path_params["id"])
        if product is None:
            raise Refused(status, "woocommerce_rest_product_invalid_id", "Invalid ID.")
        return product

    def _webhook(self, request: Request) -> Any:
        hook = self.shop.webhooks.get(request.path_params["id"])
        if hook is None:
            raise Refused(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")
        return hook

    async def _storefront(self, request: Request) -> Response:
        """The product's page, with the player where the companion plugin or the theme puts it."""
        slug = request.path_params["slug"]
        found = [product for product in self.shop.products.values() if product["slug"] == slug]
        if not found or found[0]["status"] != "publish":
            return HTMLResponse("<h1>Not found</h1>", 404)
        product = found[0]
        title, text = html.escape(product["name"]), product["description"]
        return HTMLResponse(
            f'<!doctype html><html lang="en"><title>{title}</title><main><h1>{title}</h1>'
            f"{_player(product)}{text}</main></html>"
        )


def _player(product: Saved) -> str:
    urls = [row["value"] for row in product["meta_data"] if row["key"] == META_KEY]
    if not urls:
        return ""
    source = html.escape(str(urls[0]))
    return (
        '<figure class="sayhook-audio"><figcaption>Listen to this description</figcaption>'
        f'<audio controls preload="none" src="{source}"></audio></figure>'
    )


def _basic(request: Request) -> tuple[str, str] | None:
    word, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        key, _, secret = b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (key, secret) if word.lower() == "basic" else None


def _in_query(request: Request) -> tuple[str, str] | None:
    query = request.query_params
    return (query["consumer_key"], query["consumer_secret"]) if "consumer_key" in query else None


def _cannot(request: Request) -> str:
    deed = {"GET": "view", "POST": "create", "PUT": "edit", "DELETE": "delete"}[request.method]
    return f"woocommerce_rest_cannot_{deed}"


async def _given(request: Request) -> Saved:
    body = await request.body()
    try:
        found = json.loads(body) if body else {}
    except ValueError as error:
        raise Refused(400, "rest_invalid_json", "Invalid JSON body passed.") from error
    return found if isinstance(found, dict) else {}


def _ordered(request: Request, products: list[Saved]) -> list[Saved]:
    """The newest first unless it is asked otherwise, as WordPress does."""
    order = request.query_params.get("order", "desc")
    by = {"date": "date_created_gmt", "modified": "date_modified_gmt", "id": "id"}
    key = by.get(request.query_params.get("orderby", "date"))
    if key is None or order not in ("asc", "desc"):
        raise Refused(400, "rest_invalid_param", "Invalid parameter(s): orderby, order")
    after = request.query_params.get("modified_after", "")
    late = [product for product in products if product["date_modified_gmt"] > after.removesuffix("Z")]
    return sorted(late, key=lambda product: (product[key], product["id"]), reverse=order == "desc")


def _page(request: Request, rows: list[Saved]) -> Response:
    size, number = (
        request.query_params.get(name, default) for name, default in (("per_page", "10"), ("page", "1"))
    )
    if not (size.isdecimal() and number.isdecimal() and 1 <= int(size) <= 100 and int(number) >= 1):
        raise Refused(400, "rest_invalid_param", "Invalid parameter(s): per_page")
    start = int(size) * (int(number) - 1)
    pages = -(-len(rows) // int(size))
    headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
    return JSONResponse([_fields(request, row) for row in rows[start : start + int(size)]], headers=headers)


def _fields(request: Request, row: Saved) -> Saved:
    wanted = request.query_params.get("_fields")
    return row if wanted is None else {name: row[name] for name in wanted.split(",") if name in row}


async def _no_route(request: Request, error: Exception | None) -> Response:
    message = "No route was found matching the URL and request method."
    return JSONResponse({"code": "rest_no_route", "message": message, "data": {"status": 404}}, 404)
