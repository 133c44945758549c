"""Webflow's web face: its Data API v2 as far as an app like ours uses it, its OAuth, and a published site.

Takes what our connector and the official client send, and refuses it with Webflow's own codes.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.simulation import Post, post_over_http, sending, utc_now
from connectors.webflow.api import SCOPES
from connectors.webflow.simulated_apps import App, Grant, OAuthRefused
from connectors.webflow.simulated_hooks import Dispatch
from connectors.webflow.simulated_site import Collection, Refused, Saved, Studio

PLAYER: Final = """\
<figure class="sayhook-audio">
  <figcaption id="sayhook-label">Listen to this page</figcaption>
  <audio controls preload="none" aria-labelledby="sayhook-label" src="AUDIO_ADDRESS"></audio>
</figure>
<style>
  .sayhook-audio { margin: 0 0 1.5rem; }
  .sayhook-audio audio { display: block; width: 100%; margin-top: 0.5rem; }
  .sayhook-audio:has(audio[src=""]) { display: none; }
</style>
"""
"""`manifests/webflow/player.html`; on a site Webflow puts the item's field in the place of AUDIO_ADDRESS."""

_over_http: Final = post_over_http(seconds=30)
_MOST_LISTED: Final = 100

Work = Callable[[Request, Grant, Saved], Awaitable[Response]]


class Simulator:
    """One owner with one site, and our app. Under a server its webhooks are sent by themselves."""

    stands_for: Final[Sequence[str]] = ("https://api.webflow.com", "https://webflow.com")

    def __init__(
        self,
        home: str,
        *,
        post: Post = _over_http,
        now: Callable[[], datetime] = utc_now,
        shape: str = "items",
    ) -> None:
        self.home = home
        self.oauth = App(SCOPES, now)
        self.hooks = Dispatch(self.oauth.client_secret, post, now, shape)
        self.studio = Studio(now, self.hooks.announce)
        self.site = self.studio.add_site("Atlas", "en", "de")
        fields = (("Post Body", "RichText"), ("Post Summary", "PlainText"), ("Audio URL", "Link"))
        self.posts = self.studio.add_collection(self.site, "Blog posts", *fields)
        self.credentials = {
            "access_token": self.oauth.allow(SCOPES, (self.site.id,)),
            "client_id": self.oauth.client_id,
            "client_secret": self.oauth.client_secret,
        }
        self.app = Starlette(
            routes=[*self._routes(), Route("/{collection}/{slug}", self._page)],
            exception_handlers={404: _no_route, 405: _no_route},
            lifespan=sending(self.hooks.send_due),
        )

    async def act(self) -> str:
        """An editor publishes a post; the path of its page."""
        body = "<p>It is mostly <strong>harmless</strong>, and blue from afar.</p>"
        item = self.studio.create(self.posts, {"name": "The Earth", "post-body": body}, draft=False)
        self.studio.publish(self.posts, [item["id"]])
        return f"/{self.posts.slug}/{item['fieldData']['slug']}"

    def _routes(self) -> list[Route]:
        items = "/v2/collections/{collection}/items"
        table: list[tuple[str, str, str, Work]] = [
            ("GET", "/v2/token/introspect", "", self._introspect),
            ("GET", "/v2/sites", "sites:read", self._list_sites),
            ("GET", "/v2/sites/{site}", "sites:read", self._get_site),
            ("POST", "/v2/sites/{site}/publish", "sites:write", self._publish_site),
            ("GET", "/v2/sites/{site}/collections", "cms:read", self._list_collections),
            ("GET", "/v2/sites/{site}/webhooks", "sites:read", self._list_webhooks),
            ("POST", "/v2/sites/{site}/webhooks", "sites:write", self._create_webhook),
            ("GET", "/v2/webhooks/{webhook}", "sites:read", self._get_webhook),
            ("DELETE", "/v2/webhooks/{webhook}", "sites:write", self._delete_webhook),
            ("GET", "/v2/collections/{collection}", "cms:read", self._get_collection),
            ("POST", "/v2/collections/{collection}/fields", "cms:write", self._create_field),
            ("GET", items, "cms:read", self._list_items),
            ("GET", f"{items}/live", "cms:read", self._list_items),
            ("POST", items, "cms:write", self._create_item),
            ("POST", f"{items}/publish", "cms:write", self._publish_items),
            ("GET", f"{items}/{{item}}", "cms:read", self._get_item),
            ("GET", f"{items}/{{item}}/live", "cms:read", self._get_item),
            ("PATCH", f"{items}/{{item}}", "cms:write", self._change_item),
            ("PATCH", f"{items}/{{item}}/live", "cms:write", self._change_item),
            ("DELETE", f"{items}/{{item}}/live", "cms:write", self._take_off),
        ]
        api = [
            Route(path, self._endpoint(scope, work), methods=[method]) for method, path, scope, work in table
        ]
        return [
            *api,
            Route("/oauth/authorize", self._authorize),
            Route("/oauth/access_token", self._oauth(self.oauth.exchange), methods=["POST"]),
            Route("/oauth/revoke_authorization", self._oauth(self.oauth.revoke), methods=["POST"]),
        ]

    def _endpoint(self, scope: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            headers = {"X-RateLimit-Limit": str(self.oauth.rate), "X-RateLimit-Remaining": "0"}
            try:
                grant, left = self.oauth.admit(_token(request))
                headers["X-RateLimit-Remaining"] = str(left)
                if scope and scope not in grant.scopes:
                    message = f"OAuthForbidden: You are missing the following scopes - {scope}"
                    raise Refused(403, "missing_scopes", message)
                response = await work(request, grant, await _given(request))
            except Refused as refused:
                response = JSONResponse(refused.answer, refused.status)
                if refused.status == 429:
                    headers["Retry-After"] = "60"
            response.headers.update(headers)
            return response

        return answer

    def _oauth(self, work: Callable[[Mapping[str, str]], Saved]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            body = (await request.body()).decode()
            is_json = request.headers.get("content-type", "").startswith("application/json")
            try:
                return JSONResponse(work(json.loads(body) if is_json else dict(parse_qsl(body))))
            except OAuthRefused as refused:
                return JSONResponse(refused.answer, 400)

        return answer

    async def _authorize(self, request: Request) -> Response:
        """The owner allows every site at once and is sent back."""
        query = request.query_params
        try:
            code = self.oauth.authorize(query, tuple(self.studio.sites))
        except Refused as refused:
            return JSONResponse(refused.answer, refused.status)
        back = urlencode({"code": code, "state": query.get("state", "")})
        return RedirectResponse(f"{query.get('redirect_uri', '')}?{back}", 302)

    async def _introspect(self, request: Request, grant: Grant, given: Saved) -> Response:
        stamp = self.studio.stamp()
        return JSONResponse({
            "authorization": {
                "id": "55818d58616600637b9a5786",
                "createdOn": stamp,
                "lastUsed": stamp,
                "grantType": "authorization_code",
                "rateLimit": self.oauth.rate,
                "scope": ",".join(grant.scopes),
                "authorizedTo": {"siteIds": list(grant.sites), "workspaceIds": [], "userIds": []},
            },
            "application": {
                "id": "55131cd036c09f7d07883dfc",
                "description": "Speaks",
                "homepage": "https://sayhook.example",
                "displayName": "Sayhook",
            },
        })  # fmt: skip

    async def _list_sites(self, request: Request, grant: Grant, given: Saved) -> Response:
        return JSONResponse({"sites": [self.studio.sites[site].shown() for site in grant.sites]})

    async def _get_site(self, request: Request, grant: Grant, given: Saved) -> Response:
        return JSONResponse(self.studio.sites[self._site(request, grant)].shown())

    async def _publish_site(self, request: Request, grant: Grant, given: Saved) -> Response:
        self.studio.publish_site(self.studio.sites[self._site(request, grant)])
        return JSONResponse({"customDomains": [], "publishToWebflowSubdomain": True}, 202)

    async def _list_collections(self, request: Request, grant: Grant, given: Saved) -> Response:
        site = self._site(request, grant)
        found = [entry.listed() for entry in self.studio.collections.values() if entry.site == site]
        return JSONResponse({"collections": found})

    async def _list_webhooks(self, request: Request, grant: Grant, given: Saved) -> Response:
        site = self._site(request, grant)
        found = [hook.shown() for hook in self.hooks.webhooks.values() if hook.site == site]
        page = {"limit": 100, "offset": 0, "total": len(found)}
        return JSONResponse({"webhooks": found, "pagination": page})

    async def _create_webhook(self, request: Request, grant: Grant, given: Saved) -> Response:
        site = self._site(request, grant)
        made = self.hooks.register(self.studio.new_id(), site, given, self.studio.stamp())
        return JSONResponse(made.shown(), 201)

    async def _get_webhook(self, request: Request, grant: Grant, given: Saved) -> Response:
        return JSONResponse(self.hooks.webhooks[self._webhook(request, grant)].shown())

    async def _delete_webhook(self, request: Request, grant: Grant, given: Saved) -> Response:
        del self.hooks.webhooks[self._webhook(request, grant)]
        return Response(status_code=204)

    async def _get_collection(self, request: Request, grant: Grant, given: Saved) -> Response:
        return JSONResponse(self._collection(request, grant).shown())

    async def _create_field(self, request: Request, grant: Grant, given: Saved) -> Response:
        return JSONResponse(self.studio.add_field(self._collection(request, grant), given))

    async def _list_items(self, request: Request, grant: Grant, given: Saved) -> Response:
        collection, query = self._collection(request, grant), request.query_params
        tags = self.studio.sites[collection.site].tags
        wanted = query.get("cmsLocaleId", "").split(",") if query.get("cmsLocaleId") else [next(iter(tags))]
        copies = collection.live if request.url.path.endswith("/live") else collection.staged
        found = [item for (_, locale), item in copies.items() if locale in wanted]
        if query.get("sortBy") in ("lastPublished", "lastUpdated"):
            found.sort(key=lambda item: item[query["sortBy"]] or "", reverse=query.get("sortOrder") == "desc")
        limit, offset = _number(query.get("limit", "100")), _number(query.get("offset", "0"))
        if not 1 <= limit <= _MOST_LISTED:
            raise Refused(400, "validation_error", "Validation Error: limit")
        page = {"limit": limit, "offset": offset, "total": len(found)}
        return JSONResponse({"items": found[offset : offset + limit], "pagination": page})

    async def _create_item(self, request: Request, grant: Grant, given: Saved) -> Response:
        collection = self._collection(request, grant)
        fields = given.get("fieldData")
        made = self.studio.create(
            collection,
            fields if isinstance(fields, dict) else {},
            draft=given.get("isDraft", True) is True,
            locale=str(given.get("cmsLocaleId") or ""),
        )
        return JSONResponse(made, 202)

    async def _publish_items(self, request: Request, grant: Grant, given: Saved) -> Response:
        collection, ids = self._collection(request, grant), given.get("itemIds")
        if not isinstance(ids, list) or not ids:
            raise Refused(400, "validation_error", "Validation Error: itemIds")
        went, errors = self.studio.publish(collection, [str(name) for name in ids])
        return JSONResponse({"publishedItemIds": went, "errors": errors}, 202)

    async def _get_item(self, request: Request, grant: Grant, given: Saved) -> Response:
        collection, locale = self._collection(request, grant), request.query_params.get("cmsLocaleId", "")
        item_id, live = request.path_params["item"], request.url.path.endswith("/live")
        return JSONResponse(self.studio.item(collection, item_id, locale, live=live))

    async def _change_item(self, request: Request, grant: Grant, given: Saved) -> Response:
        collection, live = self._collection(request, grant), request.url.path.endswith("/live")
        return JSONResponse(self.studio.change(collection, request.path_params["item"], given, live=live))

    async def _take_off(self, request: Request, grant: Grant, given: Saved) -> Response:
        self.studio.take_off(self._collection(request, grant), request.path_params["item"])
        return Response(status_code=204)

    def _site(self, request: Request, grant: Grant) -> str:
        name: str = request.path_params["site"]
        return self._allowed(name, grant)

    def _allowed(self, site: str, grant: Grant) -> str:
        if site not in self.studio.sites:
            raise Refused(404, "resource_not_found", "Requested resource not found")
        if site not in grant.sites:
            raise Refused(403, "forbidden", "Forbidden")
        return site

    def _collection(self, request: Request, grant: Grant) -> Collection:
        found = self.studio.collections.get(request.path_params["collection"])
        if found is None:
            raise Refused(404, "resource_not_found", "Requested resource not found")
        self._allowed(found.site, grant)
        return found

    def _webhook(self, request: Request, grant: Grant) -> str:
        found = self.hooks.webhooks.get(request.path_params["webhook"])
        if found is None:
            raise Refused(404, "resource_not_found", "Requested resource not found")
        self._allowed(found.site, grant)
        return found.id

    async def _page(self, request: Request) -> Response:
        """The template page of a collection, with our embed on it, bound to "Audio URL is set"."""
        wanted = request.path_params
        for collection in self.studio.collections.values():
            for item in collection.live.values():
                if (collection.slug, item["fieldData"]["slug"]) == (wanted["collection"], wanted["slug"]):
                    return HTMLResponse(_template(item["fieldData"]))
        return HTMLResponse("<h1>Page not found</h1>", 404)


def _template(fields: Mapping[str, Any]) -> str:
    title, address = html.escape(fields["name"]), fields.get("audio-url")
    player = PLAYER.replace("AUDIO_ADDRESS", html.escape(address)) if address else ""
    return (
        f'<!doctype html><html lang="en"><title>{title}</title><main><h1>{title}</h1>\n'
        f"{player}{fields.get('post-body') or ''}</main></html>"
    )


def _token(request: Request) -> str:
    word, _, token = request.headers.get("authorization", "").partition(" ")
    return token if word.lower() == "bearer" else ""


async def _given(request: Request) -> Saved:
    body = await request.body()
    try:
        found = json.loads(body) if body else {}
    except ValueError as error:
        raise Refused(400, "bad_request", "Bad Request: Request body was incorrectly formatted") from error
    return found if isinstance(found, dict) else {}


def _number(written: str) -> int:
    return int(written) if written.isdecimal() else -1


async def _no_route(request: Request, error: Exception | None) -> Response:
    refused = Refused(404, "resource_not_found", "Requested resource not found")
    return JSONResponse(refused.answer, 404)
