"""Somebody at a browser, and what one does there."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.async_api import Page, expect

from tests.flow.running_hub import RunningHub


@dataclass(frozen=True, slots=True)
class Person:
    page: Page
    hub: RunningHub

    async def open(self, path: str) -> None:
        answer = await self.page.goto(path)
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    async def fill(self, **labels: str) -> None:
        """Fields by their label: `fill(Email_address="…")`; `_` stands for what keywords cannot hold."""
        for label, value in labels.items():
            await self.page.get_by_label(label.replace("_", " ")).first.fill(value)

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button, exact=True).first.click()

    async def follow(self, link: str) -> None:
        await self.page.get_by_role("link", name=link, exact=True).first.click()

    async def reads(self, text: str) -> None:
        """Waits until the page says so."""
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def sign_up(self, email: str, password: str) -> str:
        """The key that is shown."""
        await self.open("/signup")
        await self.page.locator("#email").fill(email)
        await self.page.locator("#password").fill(password)
        await self.press("Sign up")
        await self.page.wait_for_url("**/welcome")
        return await self.page.get_by_label("API key").input_value()

    async def sign_in(self, email: str, password: str) -> None:
        if "/login" not in self.page.url:
            await self.open("/login")
        await self.page.locator("#email").fill(email)
        await self.page.locator("#password").fill(password)
        await self.press("Sign in")
