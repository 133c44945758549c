"""Credits by day as stacked columns, and requests as plain ones: the figures two SVGs are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hub.money.usage import SpentOnSource

WIDTH = 720
HEIGHT = 220
_HEAD = 16
_FOOT = 28
_SIDE = 48
_END = 24
_STEPS = (1, 2, 5)
SERIES = 5
"""As many sources get a colour of their own; the rest share the last one, `other`."""


@dataclass(frozen=True, slots=True)
class Block:
    """One source's share of a day. `series` is its place among the sources, for its colour and pattern."""

    x: float
    y: float
    width: float
    height: float
    series: int


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Columns:
    """One drawing: its blocks, and the levels of its axis."""

    blocks: Sequence[Block]
    levels: Sequence[Tick]


@dataclass(frozen=True, slots=True)
class Chart:
    """`rows` hold, for every day, the credits of each source in the order of `sources`.

    `spending` draws them, `asking` draws the `requests`, both over the same `dates`.
    """

    sources: Sequence[str]
    days: Sequence[date]
    rows: Sequence[Sequence[int]]
    requests: Sequence[int]
    spending: Columns
    asking: Columns
    dates: Sequence[Tick]

    @property
    def credits(self) -> int:
        return sum(sum(row) for row in self.rows)


def chart(spent: Iterable[SpentOnSource], *, first: date, last: date) -> Chart:
    """Every day from `first` to `last`, also those without any use."""
    spent = list(spent)
    sources = _sources(spent)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    credits: dict[tuple[date, int], int] = {}
    requests: dict[date, int] = {}
    for line in spent:
        place = (line.date, _series(line.source, sources))
        credits[place] = credits.get(place, 0) + line.credits
        requests[line.date] = requests.get(line.date, 0) + line.generations
    rows = [[credits.get((day, series), 0) for series in range(len(sources))] for day in days]
    asked = [requests.get(day, 0) for day in days]
    return Chart(
        sources,
        days,
        rows,
        asked,
        _columns(rows, least=100),
        _columns([[count] for count in asked], least=10),
        _dates(days),
    )


def _columns(rows: Sequence[Sequence[int]], *, least: int) -> Columns:
    top = _round_up(max((sum(row) for row in rows), default=0), least)
    levels = [Tick(_y(top * part / 2, top), f"{top * part // 2:,}") for part in range(3)]
    return Columns(_blocks(rows, top), levels)


def _sources(spent: Iterable[SpentOnSource]) -> list[str]:
    """Those that cost most first; beyond SERIES the rest are one."""
    totals: dict[str, int] = {}
    for line in spent:
        totals[line.source] = totals.get(line.source, 0) + line.credits
    ranked = sorted(totals, key=lambda source: (-totals[source], source))
    return ranked if len(ranked) <= SERIES else [*ranked[: SERIES - 1], "other"]


def _series(source: str, sources: Sequence[str]) -> int:
    return sources.index(source) if source in sources else len(sources) - 1


def _round_up(most: int, least: int) -> int:
    """The next even 1, 2 or 5 times a power of ten, from the power `least` on: what the axis reaches to."""
    power = least
    while True:
        for step in _STEPS:
            if step * power >= most:
                return step * power
        power *= 10


def _blocks(rows: Sequence[Sequence[int]], top: int) -> list[Block]:
    wide = (WIDTH - _SIDE - _END) / max(1, len(rows))
    width = round(min(wide * 0.72, 32.0), 2)
    blocks: list[Block] = []
    for number, row in enumerate(rows):
        below = 0
        for series, credits in enumerate(row):
            if credits:
                upper = _y(below + credits, top)
                x = round(_SIDE + wide * (number + 0.5) - width / 2, 2)
                blocks.append(Block(x, upper, width, round(_y(below, top) - upper, 2), series))
            below += credits
    return blocks


def _y(credits: float, top: int) -> float:
    return round(HEIGHT - _FOOT - (HEIGHT - _FOOT - _HEAD) * credits / top, 2)


def _dates(days: Sequence[date]) -> list[Tick]:
    """About six labels, the last day always among them."""
    wide = (WIDTH - _SIDE - _END) / max(1, len(days))
    apart = max(1, len(days) // 6)
    chosen = range(len(days) - 1, -1, -apart)
    return [Tick(round(_SIDE + wide * (number + 0.5), 2), _short(days[number])) for number in chosen]


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def shares(chart: Chart) -> Mapping[str, int]:
    """The credits of each source over all days."""
    return {source: sum(row[number] for row in chart.rows) for number, source in enumerate(chart.sources)}
