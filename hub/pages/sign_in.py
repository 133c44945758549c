"""Signing in and out."""

from __future__ import annotations

from starlette.responses import Response

from hub.accounts.sign_in import WrongPassword, check_sign_in
from hub.errors import HubError, RateLimited
from hub.pages.guessing import count_guess
from hub.pages.local_path import local_path
from hub.pages.page import Visit, page
from hub.pages.signing_in import signed_in, signed_out
from hub.pages.visit import redirect


@page("/login", sign_in=False)
async def sign_in_form(visit: Visit) -> Response:
    wanted = visit.request.query_params.get("next", "")
    if visit.account is not None:
        return redirect(local_path(wanted))
    return _form(visit, next_path=wanted)


@page("/login", method="POST", sign_in=False)
async def sign_in(visit: Visit) -> Response:
    email, wanted = visit.field("email"), visit.field("next")
    try:
        await count_guess(visit, email)
        account = await check_sign_in(
            visit.hub.database, email=email, password=str(visit.form.get("password", ""))
        )
    except (RateLimited, WrongPassword) as error:
        return _form(visit, error=error, email=email, next_path=wanted)
    return await signed_in(visit, account.id, local_path(wanted))


@page("/logout", method="POST", sign_in=False)
async def sign_out(visit: Visit) -> Response:
    return await signed_out(visit, "/login")


def _form(visit: Visit, *, error: HubError | None = None, email: str = "", next_path: str = "") -> Response:
    response = visit.render(
        "sign_in.html",
        status=error.status if error else 200,
        error=error.detail if error else "",
        email=email,
        next_path=local_path(next_path, ""),
    )
    response.headers.update(error.headers if error else {})
    return response
