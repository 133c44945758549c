"""What an owner fills in to connect a platform, checked against the connector's manifest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from connectors.connector import Connector
from connectors.errors import OptionInvalid
from connectors.manifest import ClientCredentials, FormField, KeyAuth
from hub.errors import NotFound, Unprocessable
from hub.hub import Hub
from hub.settings import Settings
from hub.voices import find_voice
from webhooks.destination import parse_destination, policy_for
from webhooks.errors import DestinationRefused, NotVerified, SecretMalformed

_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True)
class Filled:
    """A connect form as it came; None where a change leaves what is there."""

    name: str | None = None
    address: str | None = None
    credentials: Mapping[str, Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    hook_secret: str | None = None


def credential_fields(connector: Connector) -> tuple[FormField, ...]:
    """What the owner types in. Tokens of OAuth platforms are fetched, not typed."""
    match connector.manifest.auth:
        case KeyAuth() as auth:
            return tuple(auth.fields)
        case ClientCredentials(install=None) as auth:
            named = [name for text in auth.body.values() for _, name, _, _ in Formatter().parse(text) if name]
            return tuple(FormField(name=name, label=name.replace("_", " ").capitalize()) for name in named)
    return ()


def wants_hook_secret(connector: Connector) -> bool:
    """Whether the platform makes the secret of its deliveries, for the owner to copy here."""
    verification = connector.manifest.verification
    return verification is not None and verification.secret == "owner"  # noqa: S105 - says who makes it


def checked_credentials(connector: Connector, given: Mapping[str, Any]) -> dict[str, str]:
    """Raises Unprocessable for the first that is missing, unknown or not of its form."""
    fields = {entry.name: entry for entry in credential_fields(connector)}
    for name in given:
        if name not in fields:
            known = ", ".join(fields) or "none, for this connector"
            raise Unprocessable("credentials", f"{name[:60]} is not known; there are {known}.")
    return {name: _credential(entry, given.get(name)) for name, entry in fields.items()}


def _credential(entry: FormField, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unprocessable("credentials", f"{entry.name} ({entry.label}) must not be empty.")
    text = value.strip()
    fits = entry.pattern is None or re.fullmatch(entry.pattern, text)
    if not fits or len(text) > _LONGEST or not text.isascii() or not text.isprintable():
        like = f"; it looks like {entry.example}" if entry.example else ""
        raise Unprocessable("credentials", f"{entry.name} ({entry.label}) is not of the right form{like}.")
    return text


def checked_address(settings: Settings, connector: Connector, given: str | None) -> str:
    if connector.manifest.address is None:
        return ""
    may_be_private = settings.allow_private_callbacks
    try:
        address = connector.address(given or "", allow_http=may_be_private)
        parse_destination(address, policy_for(allow_private=may_be_private))
    except OptionInvalid as error:
        raise Unprocessable("address", str(error)) from error
    except DestinationRefused as error:
        raise Unprocessable("address", f"cannot be called. {error}") from error
    return address


async def checked_options(
    session: AsyncSession, connector: Connector, account_id: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Complete; raises Unprocessable, also for a voice the account does not have."""
    try:
        options = connector.options(given)
    except OptionInvalid as error:
        raise Unprocessable(f"options.{error.option[:60]}", str(error)) from error
    if voice := options.get("voice"):
        try:
            await find_voice(session, account_id, voice)
        except NotFound as error:
            raise Unprocessable(
                "options.voice", "must be the id of a voice saved in this account."
            ) from error
    return options


def checked_hook_secret(hub: Hub, connector: Connector, given: str | None) -> str:
    """The owner's, where the platform makes it. Raises Unprocessable when it cannot be one of its scheme."""
    secret = (given or "").strip()
    if not secret:
        raise Unprocessable("hook_secret", "must be the secret the platform shows beside its webhook.")
    try:
        connector.verifier([secret]).verify({}, b"", hub.now())
    except SecretMalformed as error:
        raise Unprocessable("hook_secret", str(error)) from error
    except NotVerified:
        pass  # nothing was sent, so nothing can be verified
    return secret
