"""Giving a browser a session, always a new one, and taking it away."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from hub.accounts import sessions
from hub.pages import cookies
from hub.pages.guessing import remember_browser
from hub.pages.visit import Visit


async def signed_in(visit: Visit, account_id: str, path: str, **message: str) -> Response:
    """Opens a session and goes to `path`. The session the browser brought, if any, is closed."""
    await _close_brought(visit)
    async with visit.hub.database.transaction() as session:
        secret = await sessions.open_session(
            session,
            account_id=account_id,
            browser=visit.request.headers.get("user-agent", ""),
            now=visit.hub.now(),
        )
    async with visit.hub.database.reading() as session:
        opened = await sessions.find_session(session, secret, visit.hub.now())
    there = replace(visit, session_id=opened.session.id if opened else None)
    response = await there.redirect(path, **message)
    seconds = int(sessions.LIFETIME.total_seconds())
    cookies.set_cookie(response, cookies.SESSION, secret, secure=visit.is_secure, seconds=seconds)
    if opened is not None:
        remember_browser(visit, response, opened.account.email)
    cookies.drop_cookie(response, cookies.VISITOR, secure=visit.is_secure)
    return response


async def signed_out(visit: Visit, path: str) -> Response:
    await _close_brought(visit)
    response = await replace(visit, session_id=None).redirect(path)
    cookies.drop_cookie(response, cookies.SESSION, secure=visit.is_secure)
    return response


async def _close_brought(visit: Visit) -> None:
    brought = cookies.read_cookie(visit.request, cookies.SESSION, secure=visit.is_secure)
    if brought is not None:
        async with visit.hub.database.transaction() as session:
            await sessions.close_session(session, brought)
