"""Speech handed to a listener while a backend is still making it.

What is heard is placed and levelled as the finished file is, but for what nobody can know yet: the loudness
is that of the first stretch, and the sound of a piece begins where it seems to from what is made of it. The
pause after a piece makes up for the difference, so that every piece begins where it does in the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.audio import edges
from engine.audio.live import LiveLevel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.audio.live import Listener
    from engine.backends.narration import Chunk, Take

FIRST_SECONDS, NEXT_SECONDS = 1.2, 0.4
"""Sound that must be there before any is sent: enough to measure its loudness, then enough to be worth it."""


class Hearing:
    """Gives a request's pieces to `listener`; `tail` seconds of silence follow the last one.

    `pause` seconds stand between pieces where the text asks for nothing else.
    """

    def __init__(self, listener: Listener, pause: float, tail: float) -> None:
        self._listener = listener
        self._pause = pause
        self._tail = tail
        self._level: LiveLevel | None = None
        self._begun = False
        self._start()

    def _start(self) -> None:
        self._chunks: list[NDArray[np.float32]] = []
        self._looked = 0
        self._first: int | None = None
        self._sent = 0

    def making(self, chunk: Chunk, pause: float | None) -> None:
        """A stretch of the next piece; `pause` is the silence asked for before it."""
        rate = chunk.sample_rate
        self._chunks.append(chunk.samples)
        made = sum(map(len, self._chunks))
        if made - self._looked < rate * NEXT_SECONDS or not LiveLevel.may_cut(rate):
            return
        self._looked = made
        samples = np.concatenate(self._chunks)
        first, ready = _sounding(samples, rate)
        first = first if self._first is None else self._first
        least = NEXT_SECONDS if self._begun else FIRST_SECONDS
        if ready - first - self._sent < rate * least:
            return
        self._first = first
        self._lead(pause, rate)
        self._send(samples[first + self._sent : ready], rate, goes_on=True)

    def again(self) -> None:
        """The piece went wrong and is made anew; the new one is heard from where the old one was left."""
        self._chunks, self._looked, self._first = [], 0, None

    def done(self, piece: Take) -> None:
        """The piece is whole: the rest of it, and the silence after it."""
        samples, rate = piece.take.samples, piece.take.sample_rate
        first, last = edges.bounds(samples, rate)
        pause = self._pause if piece.next_pause is None else piece.next_pause
        placing = edges.Placing(0.0, self._tail, rate)
        whole = placing.place(samples[first:last], pause, last=piece.is_last)
        self._lead(piece.pause, rate)
        if self._sent:
            begins = (first if self._first is None else self._first) + self._sent
            rest = _fading(samples[begins:last], rate)
            silence = max(0, len(whole) - self._sent - len(rest))
            whole = np.concatenate([rest, np.zeros(silence, np.float32)])
        self._send(whole, rate, goes_on=False)
        self._start()

    def _lead(self, pause: float | None, rate: int) -> None:
        """The silence before the first piece; that before others was sent with the piece before."""
        if self._level is None:
            self._level = LiveLevel(self._listener, rate)
            if pause:
                self._level(edges.silence(pause, rate))
        self._begun = True

    def _send(self, samples: NDArray[np.float32], rate: int, *, goes_on: bool) -> None:
        assert self._level is not None
        opening = goes_on and not self._sent
        self._level(_rising(samples, rate) if opening else samples, goes_on=goes_on)
        self._sent += len(samples)


def _sounding(samples: NDArray[np.float32], rate: int) -> tuple[int, int]:
    """Where the sound begins, and up to where it surely belongs to the piece: the end may still fade."""
    loud = np.flatnonzero(edges.loud_frames(samples, rate))
    if loud.size == 0:
        return 0, 0
    frame = round(rate * edges.FRAME_SECONDS)
    first, _ = edges.bounds(samples, rate)
    return first, min((int(loud[-1]) + 1) * frame, len(samples) - round(rate * edges.FADE_SECONDS))


def _rising(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    half = len(samples) // 2
    return np.concatenate([edges.faded(samples, rate)[:half], samples[half:]])


def _fading(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    half = len(samples) // 2
    return np.concatenate([samples[:half], edges.faded(samples, rate)[half:]])
