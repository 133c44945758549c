"""The protocol on foot: a person in a browser without scripts, and an app that sends raw requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.hub.oauth.provider import CALLBACK, App, Provider
from tests.hub.pages.conftest import Browser

Parameters = dict[str, str] | list[tuple[str, str]]


@dataclass(frozen=True)
class Walk:
    """`person` is signed in at the hub under `base_url`, which is its issuer too."""

    provider: Provider
    base_url: str
    person: Browser

    def parameters(self, app: App, **others: str) -> dict[str, str]:
        asked = {"response_type": "code", "client_id": app.id, "redirect_uri": CALLBACK, "state": "s-1"}
        return {name: value for name, value in {**asked, **others}.items() if value}

    async def ask(self, parameters: Parameters) -> httpx.Response:
        """The browser arrives from the app; where it is sent is not followed."""
        path = f"/oauth/authorize?{urlencode(parameters)}"
        self.person.answer = await self.person.client.get(path, follow_redirects=False)
        return self.person.answer

    async def decide(self, decision: str = "allow", **changed: str) -> httpx.Response:
        """The person presses a button of the open consent page."""
        form = self.person.page.css("main form")[0]
        fields = {"csrf": self.person.value("main form input[name=csrf]"), "decision": decision, **changed}
        action = form.attributes["action"] or ""
        return await self.person.client.post(action, data=fields, follow_redirects=False)

    async def allowed(self, app: App, **parameters: str) -> dict[str, str]:
        """What the app is sent after the person allowed it."""
        asked = await self.ask(self.parameters(app, **parameters))
        assert asked.status_code == 200, asked.text
        return sent_back(await self.decide())

    async def connected(self, app: App, **parameters: str) -> dict[str, Any]:
        answer = await app.exchange((await self.allowed(app, **parameters))["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def refused(self, parameters: Parameters) -> str:
        """The words of a page that sends nobody anywhere."""
        answer = await self.ask(parameters)
        assert answer.status_code == 400
        assert "location" not in answer.headers
        return self.person.text

    async def error_at_app(self, app: App, **parameters: str) -> str:
        """The error the app is told by redirect, with its state and who says so."""
        told = sent_back(await self.ask(self.parameters(app, **parameters)))
        assert (told["state"], told["iss"]) == ("s-1", self.base_url)
        assert "code" not in told
        return told["error"]


def sent_back(answer: httpx.Response) -> dict[str, str]:
    """The parameters a redirect to the app carries."""
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(CALLBACK + "?")
    return dict(parse_qsl(urlsplit(location).query, strict_parsing=True))
