"""Every page, once. A new module of pages is added to `MODULES`."""

from __future__ import annotations

from types import ModuleType

from starlette.routing import BaseRoute

from hub.pages import (
    addresses,
    admin,
    admin_accounts,
    admin_apps,
    apps,
    builders,
    confirming,
    connect,
    connection_filling,
    connections,
    consent,
    generations,
    keys,
    landing,
    password,
    playground,
    previews,
    pricing,
    settings,
    sign_in,
    sign_up,
    usage,
    voices,
    webhooks,
)
from hub.pages.icons import ICONS
from hub.pages.navigation import DESTINATIONS
from hub.pages.page import Page
from hub.pages.rendering import environment

MODULES: tuple[ModuleType, ...] = (
    landing,
    pricing,
    sign_up,
    sign_in,
    password,
    confirming,
    playground,
    voices,
    previews,
    generations,
    usage,
    connections,
    connection_filling,
    connect,
    builders,
    webhooks,
    keys,
    consent,
    apps,
    settings,
    admin,
    admin_accounts,
    admin_apps,
)


def all_pages() -> list[Page]:
    return [found for module in MODULES for found in vars(module).values() if isinstance(found, Page)]


def pages() -> list[BaseRoute]:
    """The routes of all pages, for the application; the navigation leads to those that exist."""
    found = all_pages()
    paths = {page.path for page in found}
    environment().globals["navigation"] = tuple(to for to in DESTINATIONS if to.path in paths)
    return [*addresses.routes(found), ICONS]
