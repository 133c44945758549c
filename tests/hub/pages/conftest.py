"""Pages over a real hub, asked as a browser without scripts asks: links, forms, cookies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.applications import Starlette

from hub.accounts import passwords
from tests.hub.api.conftest import app, hub, settings

__all__ = ["app", "hub", "settings"]

EMAIL = "ada@example.com"
PASSWORD = "four random words here"


@dataclass
class Browser:
    """Keeps cookies, follows redirects, and sends forms with all their hidden fields."""

    client: httpx.AsyncClient
    answer: httpx.Response = field(default_factory=lambda: httpx.Response(204))

    async def open(self, path: str, **headers: str) -> str:
        """The visible text of a page."""
        self.answer = await self.client.get(path, headers=headers)
        return self.text

    async def send(
        self, action: str, *, files: dict[str, tuple[str, bytes]] | None = None, **fields: Any
    ) -> str:
        """Fills in the form of the open page that goes to `action`; returns the text of what follows.

        `files` are a name and bytes for each file field.
        """
        form = self.form(action)
        filled: dict[str, str | list[str]] = {**self._filled(form), **fields}
        self.answer = await self.client.post(action, data=filled, files=files)
        return self.text

    @property
    def page(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.answer.text)

    @property
    def text(self) -> str:
        body = self.page.body
        return " ".join(body.text(separator=" ").split()) if body is not None else ""

    @property
    def path(self) -> str:
        return self.answer.url.raw_path.decode()

    def form(self, action: str) -> LexborNode:
        found = self.page.css(f'form[action="{action}"]')
        assert found, f"no form to {action} on {self.path}: {self.text}"
        return found[0]

    def action_of(self, button: str) -> str:
        """Where the form goes whose button is called so."""
        for found in self.page.css("form"):
            pressed = found.css_first("button")
            if pressed and button in (pressed.attributes.get("aria-label"), pressed.text(strip=True)):
                return found.attributes["action"] or ""
        raise AssertionError(f"no button {button} on {self.path}: {self.text}")

    def value(self, selector: str) -> str:
        return self.attribute(selector, "value")

    def attribute(self, selector: str, name: str) -> str:
        """Of the first element that fits; empty when it has no such attribute."""
        found = self.page.css_first(selector)
        assert found is not None, f"no {selector} on {self.path}"
        return found.attributes.get(name) or ""

    def filled(self, action: str) -> dict[str, Any]:
        """What the form that goes to `action` would send as it stands."""
        return self._filled(self.form(action))

    def _filled(self, form: LexborNode) -> dict[str, str | list[str]]:
        filled: dict[str, str | list[str]] = {}
        for control in form.css("input[name], textarea[name]"):
            name, value = control.attributes["name"] or "", control.attributes.get("value") or ""
            if control.tag == "textarea":
                value = control.text()
            if control.attributes.get("type") == "file":
                continue
            if control.attributes.get("type") == "checkbox":
                if "checked" in control.attributes:
                    filled[name] = [*filled.get(name, []), value]
            elif control.attributes.get("type") != "radio" or "checked" in control.attributes:
                filled[name] = value
        for select in form.css("select[name]"):
            option = select.css_first("option[selected]") or select.css_first("option")
            assert option is not None
            filled[select.attributes["name"] or ""] = option.attributes.get("value") or ""
        return filled


def new_browser(app: Starlette, base_url: str = "http://hub.test") -> Browser:
    transport = httpx.ASGITransport(app)
    return Browser(httpx.AsyncClient(transport=transport, base_url=base_url, follow_redirects=True))


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashes that cost a fiftieth: here nobody guesses, and there are hundreds of sign-ups."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=4096, parallelism=1))
        passwords._nobodys.cache_clear()
        yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def browser(app: Starlette) -> Browser:
    return new_browser(app)


async def sign_up(browser: Browser, email: str = EMAIL, password: str = PASSWORD) -> str:
    """The key that the page shows."""
    await browser.open("/signup")
    await browser.send("/signup", email=email, password=password)
    assert browser.path == "/welcome", browser.text
    return browser.value("#new-key")


async def sign_in(browser: Browser, email: str = EMAIL, password: str = PASSWORD) -> str:
    await browser.open("/login")
    return await browser.send("/login", email=email, password=password)


@pytest_asyncio.fixture
async def inside(browser: Browser) -> Browser:
    """Signed in as a new account."""
    await sign_up(browser)
    return browser
