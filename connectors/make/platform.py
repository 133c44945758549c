"""A user's account at Make: its connections, webhooks and modules, carried out against the service itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import httpx

from connectors.make.app import App, Component
from connectors.make.errors import AppInvalid, MakeError
from connectors.make.iml import is_true, rendered
from connectors.make.outgoing import outgoing
from connectors.make.parameters import filled_in
from connectors.make.runner import Run, World

REDIRECT_URI: Final = "https://www.make.com/oauth/cb/app"

_NO_BASE: Final[Mapping[str, Any]] = {}


@dataclass(slots=True)
class Connected:
    """A connection. `data` are what its legs keep and what the user typed in."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    uid: Any = None


@dataclass(slots=True)
class Webhook:
    """A dedicated webhook: its address at Make, what attach kept, and what was filled in."""

    name: str
    url: str
    connection: Connected
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Platform:
    """`common` are the app's secrets, which its maker typed in once."""

    app: App
    world: World
    common: Mapping[str, Any] = field(default_factory=dict)

    # connections

    def authorize_url(self, name: str, scopes: Iterable[str], state: str) -> str:
        """Where the user's browser is sent. Make adds the state itself."""
        leg = self._leg(name, "authorize")
        run = self._run(_NO_BASE, oauth=self._oauth(scopes))
        request = outgoing(leg, _NO_BASE, run.scope())
        return str(httpx.URL(request.url, params={**request.query, "state": state}))

    async def authorized(self, name: str, scopes: Iterable[str], returned: str) -> Connected:
        """The connection of a user who came back to `returned`. Raises MakeError, also for a refusal."""
        query = dict(parse_qsl(urlsplit(returned).query))
        if "error" in query:
            raise MakeError("RuntimeError", query.get("error_description", query["error"]))
        run = self._run(_NO_BASE, oauth=self._oauth(scopes), query=query, data={})
        run.temp.update(rendered(self._leg(name, "authorize")["response"]["temp"], run.scope()))
        await run.carry_out(self._leg(name, "token"))
        return await self._introduced(Connected(name, dict(run.data)), self._leg(name, "info"), {})

    async def keyed(self, name: str, **given: Any) -> Connected:
        """A connection by what the user types in, proved by a call."""
        component = self.app.component("connection", name)
        filled = filled_in(component.parameters, given)
        return await self._introduced(Connected(name, dict(filled)), component.code("communication"), filled)

    async def refreshed(self, connection: Connected) -> bool:
        """Renew the tokens when they are about to end, as Make does before each run; whether it did."""
        legs = self.app.component("connection", connection.name).code("communication")
        leg = legs.get("refresh") if isinstance(legs, dict) else None
        run = self._run(_NO_BASE, connection=connection.data, data=connection.data)
        if leg is None or not is_true(rendered(leg.get("condition", True), run.scope())):
            return False
        await run.carry_out(leg)
        connection.data.update(run.data)
        return True

    async def invalidated(self, connection: Connected) -> None:
        run = self._run(_NO_BASE, connection=connection.data, data=connection.data)
        await run.carry_out(self._leg(connection.name, "invalidate"))

    async def _introduced(self, made: Connected, info: Any, parameters: Mapping[str, Any]) -> Connected:
        run = self._run(_NO_BASE, connection=made.data, parameters=parameters, data=made.data)
        await run.carry_out(info)
        made.data.update(run.data)
        made.metadata, made.uid = run.kept.get("metadata", {}), run.kept.get("uid")
        return made

    # modules, RPCs

    async def run(self, module: str, connection: Connected, **given: Any) -> list[Any]:
        """The bundles of a module. Raises MakeError."""
        component = self.app.component("module", module)
        if component.about["moduleType"] == "instant_trigger":
            raise AppInvalid(f"{module} is started by its webhook.")
        return await self._carried_out(component, connection, given)

    async def options(self, rpc: str, connection: Connected) -> list[dict[str, Any]]:
        """What a select offers."""
        component = self.app.component("rpc", rpc.removeprefix("rpc://"))
        return await self._carried_out(component, connection, {})

    async def _carried_out(
        self, component: Component, connection: Connected, given: Mapping[str, Any]
    ) -> list[Any]:
        offered = (component.about.get("connection"), component.about.get("altConnection"))
        if connection.name not in offered:
            raise AppInvalid(f"{component.name} takes no connection {connection.name}.")
        filled = filled_in(component.parameters, given)
        await self.refreshed(connection)
        run = self._run(self.app.base, connection=connection.data, parameters=filled)
        return await run.carry_out(component.code("communication"))

    # webhooks

    async def attached(self, name: str, connection: Connected, url: str, **given: Any) -> Webhook:
        """A new webhook at `url`, made known to the service."""
        component = self.app.component("webhook", name)
        webhook = Webhook(name, url, connection, filled_in(component.parameters, given))
        await self._told(webhook, "attach")
        return webhook

    async def updated(self, webhook: Webhook, **given: Any) -> None:
        component = self.app.component("webhook", webhook.name)
        webhook.parameters = filled_in(component.parameters, given)
        await self._told(webhook, "update")

    async def detached(self, webhook: Webhook) -> None:
        await self._told(webhook, "detach")

    async def _told(self, webhook: Webhook, code: str) -> None:
        connection = webhook.connection
        await self.refreshed(connection)
        run = self._run(
            _NO_BASE,
            connection=connection.data,
            parameters=webhook.parameters,
            webhook={"url": webhook.url, **webhook.data},
        )
        await run.carry_out(self.app.component("webhook", webhook.name).code(code))
        webhook.data.update(run.data)

    def triggered(self, module: str, webhook: Webhook, body: Any) -> list[Any]:
        """The bundles with which an instant trigger starts its scenario, for one delivery."""
        trigger = self.app.component("module", module)
        if trigger.about.get("webhook") != webhook.name:
            raise AppInvalid(f"{module} does not listen to {webhook.name}.")
        communication = self.app.component("webhook", webhook.name).code("communication")
        scope = self._run(_NO_BASE, data=webhook.data, parameters=webhook.parameters).scope(body=body)
        payload = rendered(communication.get("output", "{{body}}"), scope)
        output = trigger.code("communication", {}).get("response", {}).get("output", "{{payload}}")
        return [rendered(output, {**scope, "payload": payload})]

    def _leg(self, name: str, leg: str) -> Any:
        return self.app.component("connection", name).code("communication")[leg]

    def _oauth(self, scopes: Iterable[str]) -> dict[str, Any]:
        return {"localRedirectUri": REDIRECT_URI, "scope": list(scopes)}

    def _run(self, base: Mapping[str, Any], **variables: Any) -> Run:
        return Run(self.world, base, {"common": self.common, **variables})
