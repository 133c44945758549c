"""Templates, and the few words they are given to say things with."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.pages.icons import icon

STATIC = Path(__file__).parents[1] / "api" / "static"

_SPANS = ((31_536_000, "year"), (2_592_000, "month"), (86_400, "day"), (3600, "hour"), (60, "minute"))


def rendered(template: str, **context: Any) -> str:
    return environment().get_template(template).render(**context)


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(asset=asset, icon=icon, navigation=())
    made.filters.update(exact=exact, ago=ago, number=number, dollars=dollars)
    return made


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def exact(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def ago(instant: datetime, now: datetime) -> str:
    """E.g. `3 minutes ago`, `in 2 days`."""
    seconds = (now - instant).total_seconds()
    for length, name in _SPANS:
        count = int(abs(seconds) // length)
        if count:
            span = f"{count} {name}{'' if count == 1 else 's'}"
            return f"{span} ago" if seconds > 0 else f"in {span}"
    return "just now" if seconds >= 0 else "in a moment"


def number(value: float) -> str:
    return f"{value:,.0f}"


def dollars(credits: float, price: float) -> str:
    """What credits cost at `price` dollars each; cents are shown, and tenths of a cent below one."""
    amount = credits * price
    return f"${amount:,.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.3f}"
