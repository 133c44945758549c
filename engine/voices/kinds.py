"""How much a voice sounds like people of another kind, told before it is spoken.

A kind is a gender and an age. The table beside this file holds some voices of every kind, as the speaker
encoder would hear them; `python -m engine.voices.kinds` makes it from the stock voices' own table, which is
needed when that table, the casting or the performance change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import as_file, files
from itertools import pairwise, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.voices.candidates import FORMANTS, PITCHES, TILTS, Embedding, likenesses
from engine.voices.casting import Cast, cast
from engine.voices.effects import Effects
from engine.voices.performance import perform
from engine.voices.stock import stock_voices
from engine.voices.traits import Traits

Kind = tuple[str, str | None]
"""Gender and age; an age of None is any."""

KINDS: tuple[Kind, ...] = tuple(product(("female", "male"), (None, "child", "young", "middle", "elderly")))
_CHILD = "child"
_VOICES_OF_A_KIND = 8

_DRAWS = 48
_UNMISTAKABLE = 0.7
"""Under this likeness to voices of every other kind a draw is taken at once."""

_AS_GOOD = 0.01
_QUANTUM = 255


def choose(
    person: Traits, language: str, random: np.random.Generator, seed: int, installed: frozenset[str]
) -> Cast:
    """The first of some draws that nobody takes for a person of another gender or age, or one of the best."""
    coin = "female" if random.random() < 0.5 else "male"
    settled = replace(person, gender=person.gender or coin)
    drawn: list[tuple[float, Cast]] = []
    for _ in range(_DRAWS):
        chosen = cast(settled, language, random, installed)
        drawn.append((likeness_to_others(settled, _heard(settled, chosen, seed)), chosen))
        if drawn[-1][0] < _UNMISTAKABLE:
            break
    best = min(likeness for likeness, _ in drawn)
    return next(chosen for likeness, chosen in drawn if likeness <= best + _AS_GOOD)


def _heard(traits: Traits, chosen: Cast, seed: int) -> Embedding:
    return expected_view(chosen.sound, perform(traits, chosen, seed, free=True).effects)


def expected_view(shares: Mapping[str, float], effects: Effects) -> Embedding:
    """What the speaker encoder should make of a mix of stock voices under effects, of length 1.

    Between the places of the grid the views are interpolated, outside it the nearest counts.
    """
    views = _grid()
    places = [
        _between(PITCHES, effects.pitch),
        _between(FORMANTS, effects.formant),
        _between(TILTS, effects.tilt),
    ]
    mixed = np.sum([share * views[name] for name, share in shares.items()], axis=0)
    for weights in places:
        mixed = np.tensordot(weights, mixed, axes=(0, 0))
    return _of_length_one(mixed)


def _of_length_one(view: Embedding) -> Embedding:
    scaled: Embedding = view / np.linalg.norm(view)
    return scaled


def likeness_to_others(traits: Traits, view: Embedding) -> float:
    """The cosine to the most like of the voices that differ from `traits` in gender or age."""
    others = [voices for kind, voices in _voices().items() if differ((traits.gender, traits.age), kind)]
    return max((float((voices @ view).max()) for voices in others), default=-1.0)


def differ(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool:
    """Whether both say something of gender or of age, and not the same. A child has no gender to hear."""
    if one[1] == other[1] == _CHILD:
        return False
    return any(said and answered and said != answered for said, answered in zip(one, other, strict=True))


@cache
def _grid() -> Mapping[str, NDArray[np.float32]]:
    """Per voice its views of shape (pitches, formants, tilts, 256)."""
    table = likenesses()
    shape = (len(PITCHES), len(FORMANTS), len(TILTS), -1)
    return {name: views.reshape(shape) for name, views in zip(table.names, table.embeddings, strict=True)}


def _between(places: Sequence[float], at: float) -> NDArray[np.float32]:
    """The weight of each place for a value between two of them."""
    weights = np.zeros(len(places), dtype=np.float32)
    inside = min(max(at, places[0]), places[-1])
    for index, (low, high) in enumerate(pairwise(places)):
        if inside <= high:
            share = (inside - low) / (high - low)
            weights[index], weights[index + 1] = 1 - share, share
            break
    return weights


@cache
def _voices() -> Mapping[Kind, NDArray[np.float32]]:
    with as_file(files(__package__).joinpath("kinds.npz")) as path, np.load(path) as table:
        views = table["views"].astype(np.float32)
    views /= np.linalg.norm(views, axis=2, keepdims=True)
    return dict(zip(KINDS, views, strict=True))


def write_kinds(path: Path, views: NDArray[np.float32]) -> None:
    """`views` of shape (kinds, voices, 256)."""
    scaled = np.round(views / views.max(axis=2, keepdims=True) * _QUANTUM).astype(np.uint8)
    np.savez_compressed(path, views=scaled)


def _typical() -> NDArray[np.float32]:
    """Of each kind the voices least like the middle of the other kinds, each the best of a few draws."""
    installed = frozenset(stock_voices())

    def draws(kind: Kind, seed: int, count: int) -> NDArray[np.float32]:
        traits, random = Traits(gender=kind[0], age=kind[1], heard=1), np.random.default_rng(seed)
        return np.stack([_heard(traits, cast(traits, "en", random, installed), seed) for _ in range(count)])

    middles = {kind: _of_length_one(draws(kind, 1, 40).mean(axis=0)) for kind in KINDS}

    def best(kind: Kind, seed: int) -> Embedding:
        others = np.stack([middle for other, middle in middles.items() if differ(kind, other)])
        found = draws(kind, seed, 24)
        chosen: Embedding = found[np.argmin((found @ others.T).max(axis=1))]
        return chosen

    return np.stack([[best(kind, seed) for seed in range(2, 2 + _VOICES_OF_A_KIND)] for kind in KINDS])


if __name__ == "__main__":
    write_kinds(Path(__file__).with_name("kinds.npz"), _typical())
