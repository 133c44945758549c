"""Which mixes of stock voices, under which effects, should sound like a recording, before any is spoken.

The table beside this file holds the speaker encoder's view of every stock voice under a grid of effects; a
mix of voices embeds nearly as the mix of their embeddings does, so non-negative least squares finds mixes.
`python -m engine.voices.measure` makes the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from math import log2

import numpy as np
from numpy.typing import NDArray

from engine.voices.effects import Effects
from engine.voices.stock import stock_voices

Embedding = NDArray[np.float32]

PITCHES = (0.8, 0.9, 1.0, 1.12, 1.25)
FORMANTS = (0.92, 1.0, 1.08)
TILTS = (-5.0, 0.0, 5.0)
GRID = tuple(
    Effects(pitch=pitch, formant=formant, tilt=tilt)
    for pitch in PITCHES
    for formant in FORMANTS
    for tilt in TILTS
)

_THINNING = (54, 8, 4)
"""Voices kept after each least-squares pass: few voices mix better than many."""

_SMALLEST_SHARE = 0.1
_MIX_DISCOUNT = 0.03
"""What a mix's real likeness falls short of the least-squares estimate, on average."""

_NO_WOMAN, _NO_MAN = 140.0, 195.0
_FEWEST = 3

_FREE_SEMITONES = 2.5
_SEMITONE_COST = 0.015
"""An encoder forgives a wrong pitch more readily than a listener does."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Shares of stock voices that add up to 1, under effects; `expected` is the likeness to hope for."""

    shares: Mapping[str, float]
    effects: Effects
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class Likenesses:
    """`embeddings` of shape (voices, grid, 256), each of length 1."""

    names: tuple[str, ...]
    embeddings: NDArray[np.float32]

    def of(self, installed: frozenset[str]) -> Likenesses:
        kept = [index for index, name in enumerate(self.names) if name in installed]
        return Likenesses(tuple(self.names[index] for index in kept), self.embeddings[kept])


@cache
def likenesses() -> Likenesses:
    with as_file(files(__package__).joinpath("stock_likeness.npz")) as path, np.load(path) as table:
        names = tuple(str(name) for name in table["names"])
        embeddings = table["embeddings"].astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=2, keepdims=True)
    return Likenesses(names, embeddings)


def candidates(target: Embedding, pitch: float, installed: frozenset[str], wanted: int) -> list[Candidate]:
    """The `wanted` most promising candidates, single voices and mixes in turn, the best first.

    `pitch` is the recording's median in hertz, or 0 when it is not known.
    """
    table = likenesses().of(installed)
    singles = _distinct(_singles(target, pitch, table), wanted)
    mixes = _distinct(_mixes(target, pitch, table), wanted)
    turns = [candidate for pair in zip(singles, mixes, strict=False) for candidate in pair]
    turns += singles[len(mixes) :] + mixes[len(singles) :]
    return turns[:wanted]


def _singles(target: Embedding, pitch: float, table: Likenesses) -> list[Candidate]:
    scores = table.embeddings @ target
    return [
        Candidate({name: 1.0}, effects, float(scores[row, place]) - _strain({name: 1.0}, effects, pitch))
        for row, name in enumerate(table.names)
        for place, effects in enumerate(GRID)
    ]


def _mixes(target: Embedding, pitch: float, table: Likenesses) -> list[Candidate]:
    found = []
    for place, effects in enumerate(GRID):
        shares, expected = mix_towards(target, table, place)
        found.append(Candidate(shares, effects, expected - _MIX_DISCOUNT - _strain(shares, effects, pitch)))
    return found


def plausible(installed: frozenset[str], pitch: float) -> frozenset[str]:
    """The voices worth trying for a median pitch in hertz: far down no woman's, far up no man's."""
    voices = stock_voices()
    kept = frozenset(
        name
        for name in installed
        if not (0 < pitch < _NO_WOMAN and (voices[name].gender == "female" or voices[name].pitch > _NO_MAN))
        and not (pitch > _NO_MAN and voices[name].pitch < _NO_WOMAN)
    )
    return kept if len(kept) >= _FEWEST else installed


def mix_towards(target: Embedding, table: Likenesses, place: int) -> tuple[dict[str, float], float]:
    """A sparse convex mix under one grid place, and its estimated likeness to `target`."""
    from scipy.optimize import nnls

    rows = table.embeddings[:, place]
    chosen = np.arange(len(rows))
    for most in _THINNING:
        weights, _ = nnls(rows[chosen].T.astype(np.float64), target.astype(np.float64))
        order = np.argsort(-weights, kind="stable")[:most]
        chosen, weights = chosen[order], weights[order]
    large = weights >= _SMALLEST_SHARE * weights.sum()
    chosen, weights = chosen[large], weights[large]
    weights = weights / weights.sum()
    mixed = weights @ rows[chosen]
    shares = {table.names[row]: float(share) for row, share in zip(chosen, weights, strict=True)}
    return shares, float(mixed @ target / (np.linalg.norm(mixed) + 1e-9))


def expected_pitch(shares: Mapping[str, float]) -> float:
    """The median pitch of a mix: the geometric mean of its voices', in hertz (right within a semitone)."""
    voices = stock_voices()
    return float(np.exp(sum(share * np.log(voices[name].pitch) for name, share in shares.items())))


def _strain(shares: Mapping[str, float], effects: Effects, pitch: float) -> float:
    """Likeness is not worth a wrong pitch, nor effects for their own sake: they cost naturalness."""
    cost = 0.01 * (abs(effects.tilt) / 5 + abs(np.log(effects.formant)) / 0.08)
    cost += 0.02 * abs(np.log(effects.pitch)) / 0.11
    return float(cost) + pitch_cost(expected_pitch(shares) * effects.pitch, pitch)


def pitch_cost(spoken: float, wanted: float) -> float:
    """What a wrong median pitch takes from a likeness; both in hertz, 0 when not known."""
    if spoken <= 0 or wanted <= 0:
        return 0.0
    return _SEMITONE_COST * max(0.0, abs(12 * log2(spoken / wanted)) - _FREE_SEMITONES)


def _distinct(found: list[Candidate], wanted: int) -> list[Candidate]:
    """The best of each set of voices."""
    best: dict[frozenset[str], Candidate] = {}
    for candidate in sorted(found, key=lambda one: -one.expected):
        best.setdefault(frozenset(candidate.shares), candidate)
    return list(best.values())[:wanted]
