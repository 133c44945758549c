"""Signing up: two fields, 500 credits, and the first key, shown once.

Who comes from elsewhere, such as an app that asks for access, goes back there and gets no key: nothing on
that way shows one, and a key that nobody has seen must not live.
"""

from __future__ import annotations

from starlette.responses import Response

from hub.accounts import OPENING_CREDITS, create_account, create_key
from hub.accounts.confirming import send_confirmation
from hub.accounts.passwords import SHORTEST, check_password, hashed
from hub.errors import Conflict, Forbidden, Unprocessable
from hub.pages.letters import post_soon
from hub.pages.local_path import local_path
from hub.pages.page import Visit, page
from hub.pages.rate import refuse_when_often
from hub.pages.signing_in import signed_in
from hub.pages.visit import redirect

FIRST_KEY = "First key"
_WELCOME = "/welcome"
_PER_ADDRESS = 30
_MINUTES = 60


@page("/signup", sign_in=False)
async def sign_up_form(visit: Visit) -> Response:
    wanted = visit.request.query_params.get("next", "")
    if visit.account is not None:
        return redirect(local_path(wanted))
    return _form(visit, next_path=wanted)


@page("/signup", method="POST", sign_in=False)
async def sign_up(visit: Visit) -> Response:
    email, wanted = visit.field("email"), visit.field("next")
    password = str(visit.form.get("password", ""))
    if not visit.hub.settings.sign_up:
        raise Forbidden("This hub takes no sign-ups. Ask whoever runs it for an account.")
    await refuse_when_often(visit, "sign-up", visit.address, limit=_PER_ADDRESS, minutes=_MINUTES)
    try:
        account_id = await _made(visit, email, password)
    except (Unprocessable, Conflict) as error:
        return _form(visit, status=error.status, error=error, email=email, next_path=wanted)
    there = local_path(wanted, _WELCOME)
    if there != _WELCOME:
        return await signed_in(visit, account_id, there)
    return await signed_in(visit, account_id, there, secret=await _first_key(visit, account_id))


@page(_WELCOME)
async def welcome(visit: Visit) -> Response:
    """The first key, once; afterwards where to make another."""
    return visit.render("welcome.html", key=visit.message.get("secret"), credits=OPENING_CREDITS)


async def _made(visit: Visit, email: str, password: str) -> str:
    check_password(password, email=email)
    password_hash = await hashed(password)
    now = visit.hub.now()
    async with visit.hub.database.transaction() as session:
        account = await create_account(
            session,
            email=email,
            password_hash=password_hash,
            is_confirmed=False,
            now=now,
            secrets=visit.hub.secrets,
        )
    post_soon(send_confirmation(visit.hub, account.id, account.email))
    return account.id


async def _first_key(visit: Visit, account_id: str) -> str:
    async with visit.hub.database.transaction() as session:
        key = await create_key(session, account_id=account_id, name=FIRST_KEY, now=visit.hub.now())
    return key.secret


def _form(
    visit: Visit,
    *,
    status: int = 200,
    error: Unprocessable | Conflict | None = None,
    email: str = "",
    next_path: str = "",
) -> Response:
    return visit.render(
        "sign_up.html",
        status=status,
        error=error,
        email=email,
        next_path=local_path(next_path, ""),
        credits=OPENING_CREDITS,
        shortest=SHORTEST,
        is_open=visit.hub.settings.sign_up,
    )
