"""Connecting where the owner has something to copy, or to allow elsewhere."""

from __future__ import annotations

from tests.hub.pages.conftest import Browser


async def test_an_app_is_connected_by_copying_two_lines(inside: Browser) -> None:
    form = "/connections/new/nextjs"
    await inside.open(form)
    await inside.send(form, address="https://blog.example.com")
    assert "Next.js is connected." in inside.text
    assert inside.path.removeprefix("/connections/") in inside.value("#hook-url")
    assert "/hooks/nextjs/" in inside.value("#hook-url")
    assert inside.value("#hook-secret").startswith("whsec_")


async def test_a_shop_is_asked_on_its_own_page_only_where_it_can_bring_keys(inside: Browser) -> None:
    form = "/connections/new/woocommerce"
    await inside.open(form)
    assert inside.value('button[name="by_screen"]') == "1"
    await inside.send(form, address="https://shop.example.com", by_screen="1")
    assert "Type the keys in instead." in inside.text
    assert inside.value('[name="address"]') == "https://shop.example.com"
