"""The schemes by the names a connector's manifest gives them, and their options checked in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter, ValidationError

from webhooks.errors import SchemeMalformed
from webhooks.inbound.bearer import Bearer
from webhooks.inbound.hmac_base64 import HmacBase64
from webhooks.inbound.hmac_hex_timestamp import HmacHexTimestamp
from webhooks.inbound.jwt_rs256 import JwtRs256
from webhooks.inbound.secret_url import SecretUrl
from webhooks.inbound.standard_webhooks import StandardWebhooks
from webhooks.inbound.verified import Verifier

Scheme = (
    type[HmacBase64]
    | type[HmacHexTimestamp]
    | type[JwtRs256]
    | type[StandardWebhooks]
    | type[Bearer]
    | type[SecretUrl]
)

SCHEMES: Final[Mapping[str, Scheme]] = MappingProxyType(
    {
        "bearer": Bearer,
        "hmac_base64": HmacBase64,
        "hmac_hex_timestamp": HmacHexTimestamp,
        "jwt_rs256": JwtRs256,
        "secret_url": SecretUrl,
        "standard_webhooks": StandardWebhooks,
    }
)


def make_verifier(scheme: str, secrets: Sequence[str], options: Mapping[str, object]) -> Verifier:
    """The verifier for `scheme` with every live secret. Raises SchemeMalformed, which names the mistake.

    Without a secret it can be made, and then refuses everything.
    """
    kind = SCHEMES.get(scheme)
    if kind is None:
        raise SchemeMalformed(f"There is no scheme {scheme!r}; there are {', '.join(sorted(SCHEMES))}.")
    _check_names(scheme, kind, options)
    return kind(secrets=tuple(secrets), **_checked(scheme, options))


def _check_names(scheme: str, kind: Scheme, options: Mapping[str, object]) -> None:
    known = {field.name: field for field in fields(kind) if field.name != "secrets"}
    for name in options:
        if name not in known:
            raise SchemeMalformed(f"{scheme} has no option {name!r}; it has {', '.join(sorted(known))}.")
    for name, field in known.items():
        if field.default is MISSING and name not in options:
            raise SchemeMalformed(f"{scheme} needs the option {name!r}.")


def _checked(scheme: str, options: Mapping[str, object]) -> dict[str, Any]:
    checked: dict[str, Any] = {}
    for name, value in options.items():
        try:
            checked[name] = _adapter(scheme, name).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise SchemeMalformed(f"{scheme}: the option {name!r} is wrong: {reason}.") from error
    return checked


@lru_cache(maxsize=64)
def _adapter(scheme: str, name: str) -> TypeAdapter[Any]:
    """Made once: it takes ten times as long as to verify a delivery."""
    return TypeAdapter(get_type_hints(SCHEMES[scheme])[name])
