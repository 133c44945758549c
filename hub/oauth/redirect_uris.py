"""Where codes may be sent: which addresses can be registered, and when a request's address is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from hub.errors import Unprocessable

MOST = 20
_LONGEST = 1000
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._~:/?\[\]@!$&'()+,;=-]|%[0-9A-Fa-f]{2})+")
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


def checked(uris: Iterable[str]) -> list[str]:
    """The addresses as they are to be kept, without repeats; raises Unprocessable for one that is unsafe."""
    kept = list(dict.fromkeys(uri.strip() for uri in uris))
    if not kept:
        raise Unprocessable("redirect_uri", "at least one is needed.")
    if len(kept) > MOST:
        raise Unprocessable("redirect_uri", f"at most {MOST} may be registered.")
    for uri in kept:
        if reason := _objection(uri):
            raise Unprocessable("redirect_uri", f"{uri} {reason}")
    return kept


def allows(registered: Iterable[str], uri: str, *, any_loopback_port: bool) -> bool:
    """Whether `uri` is registered, compared character by character (RFC 9700 section 2.1).

    `any_loopback_port` leaves the port of a loopback IP address open, for apps on people's own machines that
    listen on whichever port is free (RFC 8252 section 7.3).
    """
    known = list(registered)
    if uri in known:
        return True
    return any_loopback_port and _without_port(uri) in [_without_port(one) for one in known] and _is_ip(uri)


def form_action(uri: str) -> str:
    """The content security policy source that lets a form's answer lead on to `uri`.

    Browsers hold the whole chain of redirects after a form against the policy, and platforms redirect on to
    other hosts of theirs.
    """
    parts = urlsplit(uri)
    if parts.scheme == "http":
        return f"http://{parts.netloc}"
    return f"{parts.scheme}:"


def place_of(uri: str) -> str:
    """Where a person is sent, in words: the host, or the kind of app."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return f"an app on this device ({parts.scheme})"
    return "this device" if _is_loopback(parts) else parts.netloc


def _objection(uri: str) -> str | None:
    if len(uri) > _LONGEST or not _CHARACTERS.fullmatch(uri):
        return "is not an address: no spaces, wildcards, fragments or letters beyond ASCII."
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "is not an address."
    if parts.scheme in ("http", "https"):
        return _web_objection(parts)
    if not _PRIVATE_SCHEME.fullmatch(parts.scheme):
        return "must begin with https://, or be an app's own scheme such as com.example.app:/done."
    return None


def _web_objection(parts: SplitResult) -> str | None:
    if not parts.hostname or "@" in parts.netloc:
        return "must name a host, and no user."
    if parts.scheme == "http" and not _is_loopback(parts):
        return "must begin with https://; plain http is only for 127.0.0.1, [::1] and localhost."
    return None


def _is_loopback(parts: SplitResult) -> bool:
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _is_ip(uri: str) -> bool:
    parts = urlsplit(uri)
    return parts.scheme == "http" and parts.hostname != "localhost" and _is_loopback(parts)


def _without_port(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return None
    if "@" in parts.netloc:
        return None
    return parts._replace(netloc=(parts.hostname or "").lower())
