"""Wix's side of an app: its keys, installations and tokens, and the limit of requests a minute."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Saved = dict[str, Any]
MINUTE: Final = timedelta(minutes=1)
TOKEN_SECONDS: Final = 14400


class Refused(Exception):
    """What Wix answers instead."""

    def __init__(self, status: int, code: str, description: str = "") -> None:
        super().__init__(code)
        self.status = status
        error = {"code": code, "description": description or code.replace("_", " ").capitalize(), "data": {}}
        self.answer: Saved = {"message": error["description"], "details": {"applicationError": error}}


@cache
def app_key() -> rsa.RSAPrivateKey:
    """One a process: making one takes longer than all the rest."""
    return rsa.generate_private_key(65_537, 2048)


@dataclass
class Grant:
    instance: str
    until: datetime


@dataclass
class Installations:
    """Our app as Wix knows it. `sites` are the ids of the sites it is on, by instance."""

    now: Callable[[], datetime]
    rate: int = 200
    app_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    secret: str = field(default_factory=lambda: secrets.token_hex(20))
    key: rsa.RSAPrivateKey = field(default_factory=app_key)
    sites: dict[str, str] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    used: dict[str, list[datetime]] = field(default_factory=dict)
    minted: int = 0

    @property
    def public_key(self) -> str:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def install(self, site: str) -> str:
        """The instance; the same again on the same site."""
        for instance, where in self.sites.items():
            if where == site:
                return instance
        instance = str(uuid.uuid4())
        self.sites[instance] = site
        return instance

    def remove(self, instance: str) -> None:
        self.sites.pop(instance, None)
        self.grants = {token: grant for token, grant in self.grants.items() if grant.instance != instance}

    def mint(self, given: Mapping[str, Any]) -> Saved:
        """Raises Refused for an app or an installation that is none."""
        known = given.get("client_id") == self.app_id and given.get("client_secret") == self.secret
        if given.get("grant_type") != "client_credentials" or not known:
            raise Refused(400, "INVALID_CLIENT")
        if given.get("instance_id") not in self.sites:
            raise Refused(404, "INSTANCE_NOT_FOUND")
        token = f"OauthNG.JWS.{secrets.token_urlsafe(32)}"
        until = self.now() + timedelta(seconds=TOKEN_SECONDS)
        self.grants[token] = Grant(str(given["instance_id"]), until)
        self.minted += 1
        return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}

    def admit(self, token: str) -> str:
        """The instance that asks. Raises Refused."""
        grant = self.grants.get(token)
        if grant is None or grant.until <= self.now():
            raise Refused(401, "UNAUTHENTICATED")
        used = [time for time in self.used.get(grant.instance, ()) if time > self.now() - MINUTE]
        self.used[grant.instance] = used
        if len(used) >= self.rate:
            raise Refused(429, "RESOURCE_EXHAUSTED", "Too many requests")
        used.append(self.now())
        return grant.instance

    def token_info(self, token: str) -> Saved:
        grant = self.grants.get(token)
        if grant is None or grant.until <= self.now():
            return {"active": False}
        issued = grant.until - timedelta(seconds=TOKEN_SECONDS)
        return {
            "active": True,
            "subjectType": "APP",
            "subjectId": self.app_id,
            "iat": str(int(issued.timestamp())),
            "exp": str(int(grant.until.timestamp())),
            "clientId": self.app_id,
            "siteId": self.sites[grant.instance],
            "instanceId": grant.instance,
        }

    def signed_instance(
        self, instance: str, at: datetime | None = None, *, permissions: Any = "OWNER"
    ) -> str:
        """What a browser carries: `<signature>.<data>`; with `...` it does not speak of permissions."""
        said = {
            "instanceId": instance,
            "appDefId": self.app_id,
            "signDate": (at or self.now()).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **({} if permissions is ... else {"permissions": permissions}),
            "siteOwnerId": str(uuid.uuid5(uuid.NAMESPACE_OID, instance)),
        }
        data = _base64(json.dumps(said, separators=(",", ":")).encode())
        return f"{_base64(hmac.digest(self.secret.encode(), data.encode(), hashlib.sha256))}.{data}"

    def told(self, instance: str, event: str, said: Mapping[str, Any], identity: str = "WIX_USER") -> bytes:
        """A webhook's body."""
        who = {"identityType": identity, "wixUserId" if identity == "WIX_USER" else "appId": self.app_id}
        envelope = {
            "data": _compact(said),
            "instanceId": instance,
            "eventType": event,
            "identity": _compact(who),
        }
        return self._token({"data": _compact(envelope)})

    def asked(self, instance: str, request: Mapping[str, Any]) -> bytes:
        """A service plugin's body."""
        metadata = {
            "requestId": str(uuid.uuid4()),
            "instanceId": instance,
            "languages": ["en"],
            "identity": {"identityType": "APP", "appId": self.app_id},
            "appExtensionType": "AUTOMATIONS_ACTION_PROVIDER",
            "appExtensionId": str(uuid.uuid5(uuid.NAMESPACE_OID, self.app_id)),
        }
        data = {"request": dict(request), "metadata": metadata}
        return self._token({"iss": "wix.com", "aud": self.app_id, "data": data})

    def _token(self, claims: Mapping[str, Any]) -> bytes:
        issued = int(self.now().timestamp())
        return jwt.encode({**claims, "iat": issued, "exp": issued + 3600}, self.key, "RS256").encode()


def _compact(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
