"""What the handler of a page is given."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hub.accounts import sessions
from hub.api.peer import peer_of
from hub.errors import Unauthenticated
from hub.hub import Hub
from hub.pages.rendering import rendered
from hub.store.tables import Account

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a browser.

    `csrf` goes into the hidden field `csrf` of every form. `message` is what the page before left for this
    one, shown once: `notice` (a sentence) or `secret` (a new key). `base_url` ends without a slash.
    """

    request: Request
    hub: Hub
    base_url: str
    account: Account | None
    session_id: str | None
    csrf: str
    form: FormData = dataclasses.field(default_factory=FormData)
    message: Mapping[str, str] = dataclasses.field(default_factory=lambda: NOTHING)

    @property
    def owner(self) -> Account:
        """Who is signed in; pages that ask for sign-in always have one."""
        if self.account is None:
            raise Unauthenticated("Sign in first.")
        return self.account

    @property
    def is_secure(self) -> bool:
        """Whether the browser reaches the hub by https."""
        return self.base_url.startswith("https://")

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a piece of a page rather than a person for a whole one."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def address(self) -> str:
        """Where the request comes from, for rate windows."""
        return peer_of(self.request)

    def field(self, name: str) -> str:
        """A text field of the form, trimmed; empty when it was not sent."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def render(self, template: str, /, *, status: int = 200, **context: Any) -> HTMLResponse:
        return HTMLResponse(rendered(template, visit=self, now=self.hub.now(), **context), status)

    async def redirect(self, path: str, **message: str) -> Response:
        """To a page of ours, by GET. `notice` or `secret` is shown there once (only when signed in)."""
        if message and self.session_id is not None:
            packed = self.hub.secrets.encrypt(sessions.packed(message))
            async with self.hub.database.transaction() as session:
                await sessions.leave_message(session, self.session_id, packed)
        return redirect(path)


PageHandler = Callable[[Visit], Awaitable[Response]]


def redirect(path: str) -> Response:
    return RedirectResponse(quote(path, safe="/?&=%#:+,;@~!$'()*[]"), status_code=303)
