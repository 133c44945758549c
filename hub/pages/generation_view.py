"""A generation as the pages show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import uuid4

from engine.values import Mode
from hub.jobs import ENDED, OPEN, Status
from hub.money import order_price
from hub.pages.request_code import Sample, request_of, samples
from hub.pages.transcript import Piece, clock, transcript
from hub.pages.waveform import thinned, waveform_path
from hub.store.tables import Generation

_SMALL_PEAKS = 40
_SHORT_TEXT = 120
_TITLE = 90
_MOST_TWICE = 4000
"""Of a longer text its transcript is enough."""
_LONGEST_TEXT = 20_000
STATE_WORDS = MappingProxyType(
    {
        Status.QUEUED: ("warn", "waiting"),
        Status.PROCESSING: ("warn", "being spoken"),
        Status.COMPLETED: ("ok", "completed"),
        Status.FAILED: ("bad", "failed"),
        Status.CANCELLED: ("bad", "cancelled"),
    }
)


@dataclass(frozen=True, slots=True)
class SmallView:
    """One row of a list. `state` is a colour and a word; `wave` is None where there is nothing to hear."""

    id: str
    text: str
    state: tuple[str, str]
    mode: str
    source: str
    language: str
    cost: int
    created_at: datetime
    duration: str
    wave: str | None


@dataclass(frozen=True, slots=True)
class View:
    """One generation in full. `once` marks a form that orders it again, so that two clicks are one order."""

    row: Generation
    state: tuple[str, str]
    cost: int
    duration: str
    wave: str | None
    small_wave: str | None
    pieces: Sequence[Piece]
    chapters: Sequence[tuple[str, str, float]]
    percent: int
    playground: str
    can_retry: bool
    price_again: int
    once: str

    @property
    def is_cut(self) -> bool:
        """Whether more was said than `pieces` show."""
        return bool(self.pieces) and self.pieces[-1].end < self.row.words[-1][2]

    @property
    def whole_text(self) -> str:
        """What was ordered, where neither the title nor the transcript shows it."""
        length = len(self.row.text)
        if not self.pieces:
            return self.row.text[:_LONGEST_TEXT] + ("…" if length > _LONGEST_TEXT else "")
        return self.row.text if _TITLE < length <= _MOST_TWICE else ""

    def samples(self, base_url: str) -> list[Sample]:
        return samples(request_of(self.row), base_url)

    @property
    def is_shortened(self) -> bool:
        """Whether the samples show only the beginning of the text."""
        return request_of(self.row).is_shortened


def shown_small(row: Generation) -> SmallView:
    text = " ".join(row.text.split())
    return SmallView(
        id=row.id,
        text=text if len(text) <= _SHORT_TEXT else text[: _SHORT_TEXT - 1].rstrip() + "…",
        state=STATE_WORDS[Status(row.status)],
        mode=row.mode,
        source=row.source,
        language=row.spoken_language or row.language,
        cost=_cost(row),
        created_at=row.created_at,
        duration=_duration(row),
        wave=small_wave(row),
    )


def shown(row: Generation) -> View:
    return View(
        row=row,
        state=STATE_WORDS[Status(row.status)],
        cost=_cost(row),
        duration=_duration(row),
        wave=waveform_path(row.peaks) if row.audio_key else None,
        small_wave=small_wave(row),
        pieces=transcript(row.words),
        chapters=[(title, clock(start), start) for title, start in row.chapters],
        percent=round(row.progress * 100),
        playground=f"/playground?again={row.id}",
        can_retry=row.status in ENDED and row.mode == "design" and not row.parts_total,
        price_again=order_price(Mode(row.mode), row.parts_total),
        once=str(uuid4()),
    )


def small_wave(row: Generation) -> str | None:
    """The waveform for a list; None where there is nothing to hear."""
    return waveform_path(thinned(row.peaks, _SMALL_PEAKS)) if row.audio_key else None


def _cost(row: Generation) -> int:
    """What it cost or is held for it; nothing once that was given back."""
    return row.price if row.status in OPEN or row.status == Status.COMPLETED else 0


def _duration(row: Generation) -> str:
    return clock(row.duration_seconds) if row.duration_seconds is not None else ""
