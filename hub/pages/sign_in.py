"""Signing in and out."""

from __future__ import annotations

from starlette.responses import Response

from hub.accounts.sign_in import WrongPassword, check_sign_in
from hub.pages.local_path import local_path
from hub.pages.page import Visit, page
from hub.pages.rate import refuse_when_often
from hub.pages.signing_in import signed_in, signed_out
from hub.pages.visit import redirect

PER_ADDRESS, ADDRESS_MINUTES = 30, 5
PER_EMAIL, EMAIL_MINUTES = 20, 15


@page("/login", sign_in=False)
async def sign_in_form(visit: Visit) -> Response:
    wanted = visit.request.query_params.get("next", "")
    if visit.account is not None:
        return redirect(local_path(wanted))
    return _form(visit, next_path=wanted)


@page("/login", method="POST", sign_in=False)
async def sign_in(visit: Visit) -> Response:
    email, wanted = visit.field("email"), visit.field("next")
    await refuse_when_often(visit, "sign-in", visit.address, limit=PER_ADDRESS, minutes=ADDRESS_MINUTES)
    await refuse_when_often(visit, "sign-in-email", email, limit=PER_EMAIL, minutes=EMAIL_MINUTES)
    try:
        account = await check_sign_in(
            visit.hub.database, email=email, password=str(visit.form.get("password", ""))
        )
    except WrongPassword as error:
        return _form(visit, status=error.status, error=error.detail, email=email, next_path=wanted)
    return await signed_in(visit, account.id, local_path(wanted))


@page("/logout", method="POST", sign_in=False)
async def sign_out(visit: Visit) -> Response:
    return await signed_out(visit, "/login")


def _form(
    visit: Visit, *, status: int = 200, error: str | None = None, email: str = "", next_path: str = ""
) -> Response:
    return visit.render(
        "sign_in.html", status=status, error=error, email=email, next_path=local_path(next_path, "")
    )
