"""What the hub refuses, and how each refusal looks on the wire (RFC 9457 problem details).

HubError                           knows its status, code, detail and extra headers
├── BadRequest               400   the request cannot be understood
├── Unauthenticated          401   no key, or one that is not valid; carries WWW-Authenticate
├── InsufficientCredits      402   balance below the price; names both
├── KeyCapReached            402   the key's own spending cap; names it and its period
├── Forbidden                403   the key lacks the scope
├── NotFound                 404   absent, deleted, or another account's
├── Conflict                 409   the thing is in a state that does not allow this
├── Gone                     410   it was there and its time is over
├── Unprocessable            422   a field's value is not allowed; names field and allowed values
├── RateLimited              429   carries Retry-After in whole seconds
└── ServerBusy               503   the queue is full; carries Retry-After; nothing was charged
"""

from __future__ import annotations

from collections.abc import Mapping


class HubError(Exception):
    status = 500
    code = "internal_error"

    def __init__(
        self, detail: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.headers: dict[str, str] = dict(headers or {})


class BadRequest(HubError):
    status = 400
    code = "bad_request"


class Unauthenticated(HubError):
    """`presented`: a key or token came and is not, or no longer, valid; its sender is told so (RFC 6750)."""

    status = 401
    code = "unauthenticated"

    def __init__(self, detail: str = "Missing or invalid API key", *, presented: bool = False) -> None:
        challenge = 'Bearer error="invalid_token", realm="sayhook"' if presented else 'Bearer realm="sayhook"'
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class InsufficientCredits(HubError):
    status = 402
    code = "insufficient_credits"

    def __init__(self, *, balance: int, price: int) -> None:
        super().__init__(
            f"Insufficient credits: this request costs {price} and {balance} are left. Top up and try again."
        )
        self.balance = balance
        self.price = price


class KeyCapReached(HubError):
    status = 402
    code = "key_cap_reached"

    def __init__(self, *, cap: int, period: str) -> None:
        super().__init__(
            f"This API key may spend {cap} credits a {period}, and this request would go beyond. "
            "Use another key, or make one with a higher cap."
        )


class Forbidden(HubError):
    status = 403
    code = "forbidden"


class NotFound(HubError):
    status = 404
    code = "not_found"


class Conflict(HubError):
    status = 409
    code = "conflict"


class Gone(HubError):
    status = 410
    code = "gone"


class Unprocessable(HubError):
    status = 422
    code = "invalid_field"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class RateLimited(HubError):
    status = 429
    code = "rate_limited"

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(
            f"Rate limit exceeded. Try again in {retry_after} s.", headers={"Retry-After": str(retry_after)}
        )


class ServerBusy(HubError):
    status = 503
    code = "server_busy"

    def __init__(self, *, retry_after: int = 10) -> None:
        super().__init__(
            "Server busy: the queue is full. Nothing was charged; try again shortly.",
            headers={"Retry-After": str(retry_after)},
        )
