"""One discovered connector, and what follows from its folder: address, form, documentation, verifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from connectors.contract import (
    Answer,
    Arrive,
    Awaited,
    Backfill,
    Choices,
    Connect,
    Disconnect,
    Fail,
    Fetch,
    FindInstalled,
    Greet,
    Parse,
    Push,
    Split,
    Withdraw,
)
from connectors.credentials import origin_of
from connectors.manifest import Manifest, Option
from connectors.options import base_url, checked, form_of
from connectors.simulation import Simulator
from connectors.values import Connection
from webhooks.errors import SecretMissing
from webhooks.inbound import Verifier, make_verifier


@dataclass(frozen=True, slots=True)
class Page:
    """A connector's entry in the documentation; `text` is Markdown."""

    title: str
    summary: str
    text: str
    icon: Path


@dataclass(frozen=True, slots=True)
class Connector:
    """`folder` holds the files of the contract, `module` is its import name. Without a hook no `parse`."""

    name: str
    module: str
    folder: Path
    manifest: Manifest
    push: Push
    parse: Parse | None = None
    connect: Connect | None = None
    disconnect: Disconnect | None = None
    greet: Greet | None = None
    arrive: Arrive | None = None
    backfill: Backfill | None = None
    split: Split | None = None
    fetch: Fetch | None = None
    choices: Choices | None = None
    installed: FindInstalled | None = None
    reply: Answer | None = None
    awaited: Awaited | None = None
    fail: Fail | None = None
    withdraw: Withdraw | None = None

    def hook_path(self, connection_id: str) -> str | None:
        """Where the platform posts this connection's events; None when it posts none."""
        verification = self.manifest.verification
        if verification is None:
            return None
        return f"/hooks/{self.name}" if verification.shared else f"/hooks/{self.name}/{connection_id}"

    @property
    def has_secret_address(self) -> bool:
        """Whether knowing the hook's address is what shows who sends; the secret is the rest of its path."""
        verification = self.manifest.verification
        return verification is not None and verification.scheme == "secret_url"

    def verifier(self, secrets: Sequence[str]) -> Verifier:
        """Raises SecretMissing where there is no hook: nothing is let in."""
        verification = self.manifest.verification
        if verification is None:
            raise SecretMissing(f"{self.manifest.name} has no hook, so nothing can be verified.")
        return make_verifier(verification.scheme, secrets, verification.options)

    def questioner(self, secrets: Sequence[str], client_id: str) -> Verifier:
        """The verifier of what is asked. Raises SecretMissing where nothing is, or we are no app there."""
        questions = self.manifest.questions
        if questions is None or not client_id:
            raise SecretMissing(f"{self.manifest.name} is not known here as an app that may ask.")
        options = {
            name: client_id if value == "{client_id}" else value for name, value in questions.options.items()
        }
        return make_verifier(questions.scheme, secrets, options)

    @property
    def form(self) -> tuple[Option, ...]:
        return form_of(self.manifest)

    def options(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the owner filled in, checked and complete. Raises OptionInvalid."""
        return checked(self.form, given)

    def address(self, given: str, *, allow_http: bool = False) -> str:
        """The owner's base URL written one way, without a closing slash. Raises OptionInvalid."""
        field = self.manifest.address
        return "" if field is None else base_url(given, field, allow_http=allow_http)

    def origins(self, connection: Connection) -> frozenset[str]:
        """Where the connection's credentials may be sent."""
        addresses = [*self.manifest.hosts, *([connection.address] if connection.address else [])]
        return frozenset(origin_of(address) for address in addresses)

    @property
    def page(self) -> Page:
        text = (self.folder / "README.md").read_text("utf-8")
        return Page(self.manifest.name, self.manifest.summary, text, self.folder / "icon.svg")

    def simulator(self, home: str) -> Simulator | None:
        """A new stand-in for the platform that will be served at `home`; None where there is no such file."""
        if not (self.folder / "simulator.py").is_file():
            return None
        made: Simulator = import_module(f"{self.module}.simulator").Simulator(home)
        return made

    @property
    def fixtures(self) -> list[Path]:
        return sorted((self.folder / "fixtures").glob("*.json"))
