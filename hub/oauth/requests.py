"""A request as Authlib reads it: everything has arrived before its synchronous code begins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload
from starlette.requests import Request

_LONGEST_BODY = 64 * 1024
_MOST_FIELDS = 50
_WRONG_TYPE = "The body must be application/x-www-form-urlencoded."

Pairs = list[tuple[str, str]]


class Parameters(OAuth2Payload):
    """Parameters in the order they came; one without a value counts as left out (RFC 6749 section 3.1)."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._lists: dict[str, list[str]] = {}
        for name, value in pairs:
            if value:
                self._lists.setdefault(name, []).append(value)

    @property
    def data(self) -> dict[str, str]:
        return {name: values[0] for name, values in self._lists.items()}

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._lists


class ReadRequest(OAuth2Request):
    """Raises InsecureTransportError unless `uri` is https or on the loopback address."""

    payload: Parameters

    def __init__(self, method: str, uri: str, headers: Mapping[str, str], parameters: Parameters) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = parameters

    @property
    def args(self) -> dict[str, str | None]:
        return dict(self.payload.data)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data

    def refuse_repeats(self) -> None:
        """No parameter may come twice (RFC 6749 sections 3.1 and 3.2)."""
        if any(len(values) > 1 for values in self.payload.datalist.values()):
            raise InvalidRequestError("A parameter was sent more than once.")

    def refuse_two_authentications(self) -> None:
        """A client proves itself in one way a request (RFC 6749 sections 2.3 and 5.2)."""
        basic = (self.headers or {}).get("Authorization", "").lower().startswith("basic ")
        if basic and "client_secret" in self.form:
            raise InvalidRequestError(
                "Send the client secret once: in the Authorization header or in the body."
            )


async def read_form(request: Request) -> Pairs:
    """The parameters of a POST; those in the address do not count. Raises InvalidRequestError.

    JSON is understood beside the form that the RFCs ask for, because some no-code tools send nothing else.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_BODY:
            raise InvalidRequestError("The body is too long.")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match media_type:
        case "application/x-www-form-urlencoded":
            return _from_form(bytes(body))
        case "application/json":
            return _from_json(bytes(body))
        case _:
            raise InvalidRequestError(_WRONG_TYPE)


def _from_form(body: bytes) -> Pairs:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:  # UnicodeDecodeError is one
        raise InvalidRequestError(_WRONG_TYPE) from error


def _from_json(body: bytes) -> Pairs:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The JSON could not be read.") from error
    if not isinstance(value, dict) or not all(isinstance(given, str) for given in value.values()):
        raise InvalidRequestError("The JSON must be an object of texts.")
    return list(value.items())
