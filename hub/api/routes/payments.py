"""Where a payment provider says that somebody bought credits."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from hub.api.call import Call
from hub.api.problems import PayloadTooLarge
from hub.api.routes.hooks import NotShown
from hub.errors import NotFound
from hub.money.payments import credit_purchase, read_event
from webhooks.errors import BodyTooLarge, NotVerified, SecretMalformed
from webhooks.inbound import read_body
from webhooks.inbound.standard_webhooks import StandardWebhooks

MOST_BYTES = 64 * 1024


async def take_payment(call: Call) -> Response:
    """`POST /hooks/payments`: 200 once the credits are there, also when they were before."""
    configured = call.hub.settings.payment_secret.get_secret_value()
    secrets = tuple(secret.strip() for secret in configured.split(",") if secret.strip())
    if not secrets:
        raise NotFound("No payment provider is connected to this hub.")
    request = call.request
    try:
        body = await read_body(
            request.stream(), declared=request.headers.get("content-length"), limit=MOST_BYTES
        )
        verified = StandardWebhooks(secrets=secrets).verify(request.headers.items(), body, call.hub.now())
    except BodyTooLarge as error:
        raise PayloadTooLarge(f"An event must be at most {MOST_BYTES // 1024} KB.") from error
    except (NotVerified, SecretMalformed) as error:
        raise NotShown(error) from error
    event = read_event(body)
    if event is None:
        return JSONResponse({"status": "ignored"})
    granted = await credit_purchase(call.hub.database, verified.delivery_id, event.data, call.hub.now())
    return JSONResponse({"status": "granted" if granted else "granted before"})
