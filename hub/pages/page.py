"""Marking a function as a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from hub.pages.visit import PageHandler, Visit

__all__ = ["Method", "Page", "Visit", "page"]

Method = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Page:
    """One method of one address. Every POST is checked for its `csrf` field before the handler runs."""

    path: str
    method: Method
    sign_in: bool
    admin: bool
    handler: PageHandler


def page(
    path: str, *, method: Method = "GET", sign_in: bool = True, admin: bool = False
) -> Callable[[PageHandler], Page]:
    """Serve a function under `path`.

    With `sign_in` a signed-out visitor goes to `/login?next=…`; with `admin` anyone else finds nothing here.
    """

    def mark(handler: PageHandler) -> Page:
        return Page(path, method, sign_in or admin, admin, handler)

    return mark
