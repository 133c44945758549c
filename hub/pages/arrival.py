"""From a request to a visit: who it is, by the cookie, and the form it brings, once checked."""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from cryptography.fernet import InvalidToken
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request

from hub.accounts import sessions
from hub.api.dispatch import base_url_of
from hub.api.problems import PayloadTooLarge
from hub.errors import BadRequest, Forbidden
from hub.hub import Hub
from hub.pages import cookies
from hub.pages.visit import NOTHING, Visit
from webhooks.errors import BodyTooLarge
from webhooks.inbound import read_body

_MAX_FIELDS = 200
_MAX_FILES = 4
_MAX_FORM_BYTES = 512 * 1024
_PURPOSE = "csrf"
_OURS = frozenset({"", "same-origin", "none"})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A visit, and the token a signed-out visitor's forms are bound to; `is_new` asks for its cookie."""

    visit: Visit
    token: str
    is_new: bool = False


async def arrive(request: Request, hub: Hub) -> Arrival:
    base_url = base_url_of(request, hub)
    is_secure = base_url.startswith("https://")
    secret = cookies.read_cookie(request, cookies.SESSION, secure=is_secure)
    signed_in = None
    if secret is not None:
        async with hub.database.reading() as session:
            signed_in = await sessions.find_session(session, secret, hub.now())
    if signed_in is None:
        known = cookies.read_cookie(request, cookies.VISITOR, secure=is_secure)
        token = known or random.token_urlsafe(16)
        visit = Visit(request, hub, base_url, None, None, _csrf(hub, f"visitor:{token}"))
        return Arrival(visit, token, is_new=known is None)
    if signed_in.is_stale:
        async with hub.database.transaction() as session:
            await sessions.note_seen(session, signed_in.session.id, hub.now())
    token = signed_in.session.digest
    visit = Visit(
        request, hub, base_url, signed_in.account, signed_in.session.id, _csrf(hub, f"session:{token}")
    )
    if signed_in.session.message is not None and request.method == "GET" and not visit.is_fragment:
        visit = replace(visit, message=await _taken_message(visit))
    return Arrival(visit, token)


async def with_form(arrival: Arrival) -> Visit:
    """The visit with its form. Raises Forbidden unless one of our own pages sent it to this very browser."""
    visit = arrival.visit
    request = visit.request
    if request.headers.get("sec-fetch-site", "") not in _OURS:
        raise _not_ours()
    form = await _form_of(visit)
    given = form.get("csrf")
    kind = "visitor" if visit.session_id is None else "session"
    sent = given if isinstance(given, str) else request.headers.get("x-csrf-token", "")
    if not visit.hub.secrets.verify(_PURPOSE, f"{kind}:{arrival.token}".encode(), sent):
        raise _not_ours()
    return replace(visit, form=form)


async def _form_of(visit: Visit) -> FormData:
    """Files are taken only from those who are signed in; any other form is small."""
    request = visit.request
    if "multipart" in request.headers.get("content-type", "") and visit.account is not None:
        return await request.form(max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=_MAX_FORM_BYTES)
    try:
        body = await read_body(
            request.stream(), declared=request.headers.get("content-length"), limit=_MAX_FORM_BYTES
        )
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except BodyTooLarge as error:
        raise PayloadTooLarge(f"The form is larger than {_MAX_FORM_BYTES // 1024} KB.") from error
    except ValueError as error:
        raise BadRequest("The form could not be read. Go back, reload the page and send it again.") from error
    pairs: list[tuple[str, str | UploadFile]] = [*fields]
    return FormData(pairs)


async def _taken_message(visit: Visit) -> Mapping[str, str]:
    assert visit.session_id is not None
    async with visit.hub.database.transaction() as session:
        packed = await sessions.take_message(session, visit.session_id)
    try:
        return sessions.unpacked(visit.hub.secrets.decrypt(packed)) if packed else NOTHING
    except InvalidToken:
        return NOTHING  # the key that encrypted it is gone


def _csrf(hub: Hub, bound_to: str) -> str:
    return hub.secrets.sign(_PURPOSE, bound_to.encode())


def _not_ours() -> Forbidden:
    return Forbidden(
        "This form was open for too long, or another site sent it. Go back, reload the page, send it again.",
        code="form_refused",
    )
