"""How one language says numbers, money, dates and symbols; the words are in `locales.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Locale:
    """The table of one language. `numbers` is empty where numbers are left to the phonemiser; `figures` says
    then what is put around them."""

    code: str
    numbers: str = ""
    decimal: str = "."
    group: str = ","
    point: str = ""
    minus: str = ""
    percent: str = ""
    range: str = ""
    hundredths: str = ""
    ordinal_days: str = "none"
    month_first: bool = False
    date: str = ""
    oclock: str = ""
    months: tuple[str, ...] = ()
    money: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scales: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    symbols: Mapping[str, str] = field(default_factory=dict)
    between: str = ""
    hours: Mapping[str, str] = field(default_factory=dict)
    digits: tuple[str, ...] = ()
    phone_pairs: bool = False
    figures: Mapping[str, str] = field(default_factory=dict)
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)


@cache
def locale(code: str) -> Locale:
    """The table of `code`; an empty one where there is none."""
    table = _tables().get(code, {})
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
    return Locale(code, **fields)


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(resources.files("engine.text").joinpath("locales.toml").read_text(encoding="utf-8"))
