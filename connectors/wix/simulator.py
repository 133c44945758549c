"""Wix's web face as far as an app like ours uses it: tokens, blog, media, CMS, automations, a site.

Refuses what Wix refuses, with its codes; takes no other content type, path or credential than Wix does.
"""

from __future__ import annotations

import html
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from connectors.simulation import Post, post_over_http, sending, utc_now
from connectors.values import Hook
from connectors.wix.simulated_app import Installations, Refused, Saved
from connectors.wix.simulated_blog import Blog
from connectors.wix.simulated_hooks import DEADLINE_SECONDS, Dispatch
from connectors.wix.simulated_site import Automations, Cms, Download, Media

SITE: Final = "3f6c2c4e-0a0e-4d55-9a53-6f7f0f9a2b11"
_over_http: Final = post_over_http(seconds=DEADLINE_SECONDS)

Work = Callable[[Request, Saved], Saved]


async def _downloaded(url: str) -> bytes | None:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        try:
            answer = await client.get(url)
        except httpx.HTTPError:
            return None
    return answer.content if answer.status_code == 200 else None


class Simulator:
    """One site with a blog, and our app on it. Under a server its webhooks are sent by themselves."""

    stands_for: Final[Sequence[str]] = ("https://www.wixapis.com", "https://www.wix.com")

    def __init__(
        self,
        home: str,
        *,
        post: Post = _over_http,
        now: Callable[[], datetime] = utc_now,
        download: Download = _downloaded,
    ) -> None:
        self.home = home
        self.oauth = Installations(now)
        self.instance = self.oauth.install(SITE)
        self.hooks = Dispatch(post, now)
        self.blog = Blog(now, self._announce, home)
        self.media = Media(download, home)
        self.cms = Cms()
        self.automations = Automations()
        self.credentials = {
            "instance_id": self.instance,
            "client_id": self.oauth.app_id,
            "client_secret": self.oauth.secret,
            "app_hook_secret": self.oauth.public_key,
        }
        self.app = Starlette(
            routes=[*self._routes(), Route("/post/{slug}", self._page), Route("/mp3/{file}", self._file)],
            exception_handlers={404: _no_route, 405: _no_route},
            lifespan=sending(self.send_due),
        )

    def set_up(self, hook: Hook) -> None:
        """What is filled in once at Wix's dashboard: where the events of all the app's sites go."""
        self.hooks.url = hook.url

    async def act(self) -> str:
        """An author publishes a post; the path of its page."""
        post = self.blog.write("The Earth", "It is mostly harmless, and blue from afar.")
        self.blog.publish(post)
        return str(self.blog.posts[post]["url"]["path"])

    async def send_due(self) -> int:
        return await self.hooks.send_due() + await self.media.get_on()

    def remove_app(self) -> None:
        """The owner takes the app off the site."""
        self.hooks.announce(self.oauth.told(self.instance, "AppRemoved", {"appId": self.oauth.app_id}))
        self.oauth.remove(self.instance)

    def _announce(self, event: str, said: Saved, who: str) -> None:
        self.hooks.announce(self.oauth.told(self.instance, event, said, who))

    def _routes(self) -> list[Route]:
        draft, items = "/blog/v3/draft-posts/{id}", "/wix-data/v2/items"
        table: list[tuple[str, str, Work]] = [
            ("GET", "/apps/v1/instance", self._instance),
            ("GET", "/blog/v3/posts/{id}", self._post),
            ("POST", "/blog/v3/posts/query", self._query_posts),
            ("GET", draft, self._draft),
            ("PATCH", draft, self._change_draft),
            ("POST", f"{draft}/publish", self._publish),
            ("POST", "/site-media/v1/files/import", lambda _, given: {"file": self.media.begin(given)}),
            ("GET", "/site-media/v1/files/get-file-by-id", self._get_file),
            ("POST", f"{items}/query", lambda _, given: self.cms.query(given)),
            ("POST", items, lambda _, given: self.cms.insert(given)),
            (
                "PATCH",
                f"{items}/{{id}}",
                lambda request, given: self.cms.patch(request.path_params["id"], given),
            ),
            (
                "POST",
                "/automations_runtime/v1/report-action-invocation-completed",
                lambda _, given: self.automations.report(given),
            ),
        ]
        api = [
            Route(path, self._endpoint(work, open_to_all=False), methods=[method])
            for method, path, work in table
        ]
        # `posts/query` before `posts/{id}`, as it is written last.
        api.sort(key=lambda route: "{" in route.path)
        mint, info = self._endpoint(self._mint), self._endpoint(self._token_info)
        return [
            Route("/oauth2/token", mint, methods=["POST"]),
            Route("/oauth2/token-info", info, methods=["POST"]),
            Route("/app-installer", self._install),
            *api,
        ]

    def _endpoint(self, work: Work, *, open_to_all: bool = True) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                if not open_to_all:
                    self.oauth.admit(request.headers.get("authorization", "").removeprefix("Bearer "))
                return JSONResponse(work(request, await _given(request)))
            except Refused as refused:
                return JSONResponse(refused.answer, refused.status, {"x-wix-request-id": "1700000000.1"})

        return answer

    def _mint(self, request: Request, given: Saved) -> Saved:
        return self.oauth.mint(given)

    def _token_info(self, request: Request, given: Saved) -> Saved:
        return self.oauth.token_info(str(given.get("token", "")))

    def _instance(self, request: Request, given: Saved) -> Saved:
        site = {"siteId": SITE, "siteDisplayName": "Atlas", "url": self.home, "locale": "en"}
        return {"instance": {"instanceId": self.instance, "appName": "Sayhook", "isFree": True}, "site": site}

    def _post(self, request: Request, given: Saved) -> Saved:
        post = self.blog.post(request.path_params["id"])
        return {"post": self.blog.shown(post, _fieldsets(request))}

    def _query_posts(self, request: Request, given: Saved) -> Saved:
        paging = given.get("query", {}).get("paging", {})
        limit, offset = paging.get("limit", 50), paging.get("offset", 0)
        if not isinstance(limit, int) or not 0 < limit <= 100:
            raise Refused(400, "INVALID_ARGUMENT")
        found = sorted(self.blog.posts.values(), key=lambda post: post["lastPublishedDate"], reverse=True)
        shown = [self.blog.shown(post, tuple(given.get("fieldsets", ()))) for post in found]
        page = {"count": len(shown[offset : offset + limit]), "offset": offset, "total": len(found)}
        return {"posts": shown[offset : offset + limit], "pagingMetadata": page}

    def _draft(self, request: Request, given: Saved) -> Saved:
        draft = self.blog.draft(request.path_params["id"])
        return {"draftPost": self.blog.shown(draft, _fieldsets(request))}

    def _change_draft(self, request: Request, given: Saved) -> Saved:
        draft = self.blog.change(request.path_params["id"], given)
        return {"draftPost": self.blog.shown(draft, tuple(given.get("fieldsets", ())))}

    def _publish(self, request: Request, given: Saved) -> Saved:
        self.blog.publish(request.path_params["id"], "APP")
        return {"postId": request.path_params["id"]}

    def _get_file(self, request: Request, given: Saved) -> Saved:
        return {"file": self.media.file(request.query_params.get("fileId", ""))}

    async def _install(self, request: Request) -> Response:
        """The owner installs the app at once and is sent back."""
        query = request.query_params
        if query.get("appId") != self.oauth.app_id:
            return HTMLResponse("<h1>This app is not available</h1>", 404)
        back = urlsplit(query.get("postInstallationUrl", ""))
        given = {
            "appId": self.oauth.app_id,
            "tenantId": SITE,
            "instanceId": self.instance,
            "signedInstance": self.oauth.signed_instance(self.instance),
        }
        params = urlencode([*parse_qsl(back.query), *given.items()])
        return RedirectResponse(urlunsplit(back._replace(query=params)), 302)

    async def _page(self, request: Request) -> Response:
        for post in self.blog.posts.values():
            if post["slug"] == request.path_params["slug"]:
                return HTMLResponse(self._shown(post))
        return HTMLResponse("<h1>Page not found</h1>", 404)

    def _shown(self, post: Saved) -> str:
        body = "".join(self._node(node) for node in post["richContent"]["nodes"])
        title = html.escape(post["title"])
        head = f'<!doctype html><html lang="en"><title>{title}</title>'
        return f"{head}<main><h1>{title}</h1>{body}</main></html>"

    def _node(self, node: Saved) -> str:
        if node["type"] == "AUDIO":
            data = node["audioData"]
            name = html.escape(data.get("name", ""))
            source = html.escape(f"/mp3/{data['audio']['src'].get('id')}")
            return f'<figure><figcaption>{name}</figcaption><audio controls src="{source}"></audio></figure>'
        words = "".join(inner["textData"]["text"] for inner in node["nodes"] if inner["type"] == "TEXT")
        return f"<p>{html.escape(words)}</p>"

    async def _file(self, request: Request) -> Response:
        content = self.media.contents.get(request.path_params["file"])
        if content is None:
            return Response(status_code=404)
        kind: Any = self.media.files[request.path_params["file"]]["mimeType"]
        return Response(content, media_type=kind)


def _fieldsets(request: Request) -> tuple[str, ...]:
    return tuple(request.query_params.getlist("fieldsets"))


async def _given(request: Request) -> Saved:
    body = await request.body()
    if not body:
        return {}
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE")
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Refused(400, "INVALID_ARGUMENT") from error
    return found if isinstance(found, dict) else {}


async def _no_route(request: Request, error: Exception | None) -> Response:
    refused = Refused(404, "NOT_FOUND")
    return JSONResponse(refused.answer, 404)
