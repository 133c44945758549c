"""The consent page: a person allows an app what it asks for, or does not.

It is shown every time: nothing allowed before lets an app have more, or the same again, unseen.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from hub.accounts import SCOPES
from hub.api.middleware.security import PAGE_POLICY
from hub.oauth.authorization import PATH, Asked, AuthorizationRequest, Redirect, authorization_request
from hub.oauth.redirect_uris import form_action, place_of
from hub.pages.page import Visit, page
from hub.pages.visit import redirect


@page(PATH, sign_in=False)
async def ask(visit: Visit) -> Response:
    """The request is judged before the person is asked to sign in: a broken one is not worth a password."""
    asked = await _request(visit).asked()
    if isinstance(asked, Redirect):
        return _on_to(asked)
    if visit.account is None:
        return _sign_in_first(visit)
    response = visit.render(
        "consent.html",
        asked=asked,
        action=f"{PATH}?{visit.request.url.query}",
        meanings=[SCOPES[scope] for scope in asked.scopes],
        spends="speech:write" in asked.scopes,
        place=place_of(asked.redirect_uri),
    )
    response.headers["Content-Security-Policy"] = _policy(asked)
    return response


@page(PATH, method="POST", sign_in=False)
async def answer(visit: Visit) -> Response:
    if visit.account is None:
        return _sign_in_first(visit)
    return _on_to(await _request(visit).answered(visit.account.id, allow=visit.field("decision") == "allow"))


def _request(visit: Visit) -> AuthorizationRequest:
    return authorization_request(visit.hub, visit.base_url, visit.request.query_params.multi_items())


def _on_to(where: Redirect) -> Response:
    """By 303, which never carries the form along (RFC 9700 section 4.12)."""
    return Response(status_code=303, headers={"Location": where.location})


def _sign_in_first(visit: Visit) -> Response:
    wanted = f"{PATH}?{visit.request.url.query}"
    return redirect(f"/login?next={quote(wanted, safe='/')}")


def _policy(asked: Asked) -> str:
    """Chromium holds where a form's answer leads against the policy of the page that sent it."""
    return PAGE_POLICY.replace("form-action 'self'", f"form-action 'self' {form_action(asked.redirect_uri)}")
