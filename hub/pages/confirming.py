"""Confirming the address of an account by the link in a letter."""

from __future__ import annotations

from starlette.responses import Response

from hub.accounts.confirming import PATH, account_of_link, send_confirmation
from hub.pages.letters import post_soon
from hub.pages.page import Visit, page
from hub.pages.rate import refuse_when_often
from hub.pages.visit import redirect

PER_ADDRESS, PER_ACCOUNT, MINUTES = 60, 5, 60


@page(PATH, sign_in=False)
async def ask(visit: Visit) -> Response:
    """Asks first: programs that look through mail for danger open links, and must confirm nothing."""
    link = visit.request.query_params.get("link", "")
    await refuse_when_often(visit, "confirm", visit.address, limit=PER_ADDRESS, minutes=MINUTES)
    async with visit.hub.database.reading() as session:
        account = await account_of_link(session, visit.hub.secrets, link, visit.hub.now())
    return visit.render("email_confirm.html", email=account.email, link=link)


@page(PATH, method="POST", sign_in=False)
async def confirm(visit: Visit) -> Response:
    async with visit.hub.database.transaction() as session:
        account = await account_of_link(session, visit.hub.secrets, visit.field("link"), visit.hub.now())
        account.email_confirmed_at = account.email_confirmed_at or visit.hub.now()
    if visit.account is None:
        return redirect("/login")
    return await visit.redirect("/settings", notice=f"Thank you. {account.email} is confirmed.")


@page("/email/send", method="POST")
async def send_again(visit: Visit) -> Response:
    owner = visit.owner
    await refuse_when_often(visit, "confirm-letter", owner.id, limit=PER_ACCOUNT, minutes=MINUTES)
    if owner.email_confirmed_at is None:
        post_soon(send_confirmation(visit.hub, owner.id, owner.email))
    return await visit.redirect("/settings", notice=f"A new link is on its way to {owner.email}.")
