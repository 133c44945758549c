"""What an account may see of itself."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from starlette.responses import JSONResponse, Response

from hub.accounts import find_account, limits_of
from hub.api.call import Call
from hub.api.schemas.account import Account, AccountLimits, SigningSecret, Usage, UsageDay, UsageFilter
from hub.api.validation import validated
from hub.money.usage import spent_by_day

_PRIVATE = {"Cache-Control": "no-store"}


async def get_account(call: Call) -> Response:
    """`GET /v1/account`"""
    async with call.hub.database.reading() as session:
        account = await find_account(session, call.account_id)
    limits = limits_of(account)
    answer = Account(
        id=account.id,
        email=account.email,
        plan=account.plan,
        credits=account.credits,
        held=account.held,
        low_credit_below=account.low_credit_below,
        low_credit_since=account.low_credit_at,
        limits=AccountLimits(requests_per_minute=limits.requests_per_minute, concurrent=limits.concurrent),
    )
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def get_signing_secret(call: Call) -> Response:
    """`GET /v1/account/signing-secret`"""
    async with call.hub.database.reading() as session:
        account = await find_account(session, call.account_id)
    answer = SigningSecret(signing_secret=call.hub.secrets.decrypt(account.signing_secret))
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)


async def get_usage(call: Call) -> Response:
    """`GET /v1/account/usage`"""
    wanted = validated(UsageFilter, dict(call.request.query_params))
    first = call.hub.now().astimezone(UTC).date() - timedelta(days=wanted.days - 1)
    async with call.hub.database.reading() as session:
        days = await spent_by_day(session, call.account_id, since=datetime.combine(first, time(), UTC))
    answer = Usage(
        days=[UsageDay(date=day.date, generations=day.generations, credits_used=day.credits) for day in days],
        generations=sum(day.generations for day in days),
        credits_used=sum(day.credits for day in days),
    )
    return JSONResponse(answer.model_dump(mode="json"), headers=_PRIVATE)
