"""Browsers that Shopify sends with a signed query: to install the app, and back from the consent screen.

Source: shopify.dev, "Implement authorization code grant manually". The signature covers the other parameters,
sorted and joined; Shopify's own libraries escape them in two ways, and with the secret either is proof.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, quote

from connectors.contract import ArrivalRefused

WINDOW_SECONDS: Final = 300
_SHOP = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*\.myshopify\.com")
_MOST_PARAMETERS = 50


def arrive(query: str, secrets: Sequence[str], now: datetime) -> str:
    parameters = _parameters(query)
    shop = parameters.get("shop", "")
    # The name becomes the host of our requests, so nothing but a shop's own may pass.
    if not _SHOP.fullmatch(shop):
        raise ArrivalRefused("The address names no shop that ends in .myshopify.com.")
    if not _signed(parameters, secrets):
        raise ArrivalRefused("The address was not signed by Shopify for this app.")
    if not _recent(parameters.get("timestamp", ""), now):
        raise ArrivalRefused("The address is too old. Start again in the shop.")
    return f"https://{shop.lower()}"


def messages(parameters: Mapping[str, str]) -> tuple[bytes, bytes]:
    """What is signed, as Shopify documents it and as its Node library writes it."""
    signed = {name: value for name, value in parameters.items() if name not in ("hmac", "signature")}
    documented = sorted(f"{_delimited(name, '=')}={_delimited(value)}" for name, value in signed.items())
    encoded = [f"{_encoded(name)}={_encoded(signed[name])}" for name in sorted(signed)]
    return "&".join(documented).encode(), "&".join(encoded).encode()


def signature(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _parameters(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        raise ArrivalRefused("The address cannot be read.") from error
    if len(dict(pairs)) != len(pairs):
        raise ArrivalRefused("The address says the same thing twice.")
    return dict(pairs)


def _signed(parameters: Mapping[str, str], secrets: Sequence[str]) -> bool:
    given = parameters.get("hmac", "").encode()
    matches = [
        hmac.compare_digest(signature(message, secret).encode(), given)
        for secret in secrets
        if secret.strip()
        for message in messages(parameters)
    ]
    return any(matches)


def _recent(stamp: str, now: datetime) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,12}", stamp)) and abs(now.timestamp() - int(stamp)) <= WINDOW_SECONDS


def _delimited(text: str, *more: str) -> str:
    text = text.replace("%", "%25").replace("&", "%26")
    return text.replace("=", "%3D") if more else text


def _encoded(text: str) -> str:
    return quote(text, safe="*").replace("~", "%7E")
