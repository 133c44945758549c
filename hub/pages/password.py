"""A new password: by a link when the old one is forgotten, with the old one when it is not."""

from __future__ import annotations

from starlette.responses import Response

from hub.accounts import passwords, resets, sessions
from hub.accounts.accounts import find_account_by_email, normalised_email
from hub.accounts.confirming import reclaim
from hub.accounts.passwords import SHORTEST, check_password
from hub.accounts.sign_in import WrongPassword, set_password_hash
from hub.errors import HubError, Unprocessable
from hub.hub import Hub
from hub.mail import Letter, send_letter
from hub.pages.letters import post_soon
from hub.pages.page import Visit, page
from hub.pages.rate import refuse_when_often
from hub.pages.signing_in import signed_in, signed_out
from hub.store.tables import Account

PER_ADDRESS, PER_EMAIL, MINUTES = 20, 5, 60
_TRIES = 10
_SET = "The new password is set."
_RECLAIMED = f"{_SET} Keys, webhooks and connected apps of before are ended: the address was not confirmed."


@page("/password/forgot", sign_in=False)
async def forgot_form(visit: Visit) -> Response:
    return visit.render("password_forgot.html", sent=False, email="")


@page("/password/forgot", method="POST", sign_in=False)
async def forgot(visit: Visit) -> Response:
    """Answers alike and at once whether there is such an account or not; the letter is sent afterwards."""
    email = visit.field("email")
    await refuse_when_often(visit, "reset", visit.address, limit=PER_ADDRESS, minutes=MINUTES)
    await refuse_when_often(visit, "reset-email", email, limit=PER_EMAIL, minutes=MINUTES)
    post_soon(_send_link(visit.hub, email))
    return visit.render("password_forgot.html", sent=True, email=email)


@page("/password/reset", sign_in=False)
async def reset_form(visit: Visit) -> Response:
    secret = visit.request.query_params.get("link", "")
    async with visit.hub.database.reading() as session:
        account = await resets.account_of_reset(session, secret, visit.hub.now())
    return _reset_form(visit, secret, account)


@page("/password/reset", method="POST", sign_in=False)
async def reset(visit: Visit) -> Response:
    """Every session of the account ends, and a new one begins here.

    The link came by mail, so it confirms the address; what an unconfirmed account let in is ended with it.
    """
    secret, password = visit.field("link"), str(visit.form.get("password", ""))
    await refuse_when_often(visit, "reset", visit.address, limit=PER_ADDRESS, minutes=MINUTES)
    async with visit.hub.database.reading() as session:
        account = await resets.account_of_reset(session, secret, visit.hub.now())
    try:
        check_password(password, email=account.email)
    except Unprocessable as error:
        return _reset_form(visit, secret, account, error)
    fresh = await passwords.hashed(password)
    async with visit.hub.database.transaction() as session:
        account = await resets.use_reset(session, secret, visit.hub.now())
        ended = await reclaim(session, account, visit.hub.now())
        await set_password_hash(session, account.id, fresh)
        await sessions.close_all_sessions(session, account.id)
    return await signed_in(visit, account.id, "/settings", notice=_RECLAIMED if ended else _SET)


@page("/password/change", method="POST")
async def change(visit: Visit) -> Response:
    """As a reset: every other browser is signed out, and this one gets a new session."""
    owner, password = visit.owner, str(visit.form.get("new_password", ""))
    await refuse_when_often(visit, "password-change", owner.id, limit=_TRIES, minutes=MINUTES)
    if not await passwords.matches(str(visit.form.get("password", "")), owner.password_hash):
        raise WrongPassword("That is not your password. Go back and try again.")
    check_password(password, email=owner.email)
    fresh = await passwords.hashed(password)
    async with visit.hub.database.transaction() as session:
        await set_password_hash(session, owner.id, fresh)
        await sessions.close_all_sessions(session, owner.id)
    return await signed_in(visit, owner.id, "/settings", notice=_SET)


@page("/sessions/end", method="POST")
async def sign_out_everywhere(visit: Visit) -> Response:
    async with visit.hub.database.transaction() as session:
        await sessions.close_all_sessions(session, visit.owner.id)
    return await signed_out(visit, "/login")


async def _send_link(hub: Hub, email: str) -> None:
    """The link leads to the configured address; the one a request names is of its sender's choosing."""
    try:
        normalised_email(email)
    except Unprocessable:
        return
    async with hub.database.transaction() as session:
        account = await find_account_by_email(session, email)
        if account is None:
            return
        secret = await resets.open_reset(session, account.id, hub.now())
    words = (
        "Somebody, we hope you, asked for a new password for Sayhook. Choose it here within an hour:\n\n"
        f"{hub.settings.base_url}/password/reset?link={secret}\n\n"
        "If it was not you, do nothing: your password stays as it is.\n"
    )
    await send_letter(hub.settings, Letter(account.email, "A new password for Sayhook", words))


def _reset_form(visit: Visit, secret: str, account: Account, error: HubError | None = None) -> Response:
    return visit.render(
        "password_reset.html",
        status=error.status if error else 200,
        link=secret,
        email=account.email,
        is_confirmed=account.email_confirmed_at is not None,
        shortest=SHORTEST,
        error=error.detail if error else "",
    )
