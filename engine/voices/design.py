"""From a description to a voice: a few compatible stock voices mixed, and prosody and effects on top."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from engine.voices.casting import Cast, enlivened
from engine.voices.describe import describe
from engine.voices.kinds import choose
from engine.voices.lexicon import split
from engine.voices.performance import perform
from engine.voices.stock import default_voice, stock_voices
from engine.voices.traits import Traits
from engine.voices.voice import Style, Voice

_ACOUSTIC = 128
"""Style dimensions before this shape the sound, those after it the melody and timing."""


def design(
    description: str | None,
    cue: str | None,
    language: str,
    seed: int,
    packs: Mapping[str, Style],
    *,
    speaker: str | None = None,
    manner: str | None = None,
) -> Voice:
    """The voice of a description, coloured by an inline cue.

    `speaker` is an earlier cue that said who speaks, where `cue` only says how; `manner` tells how the whole
    text is spoken and leaves open by whom.

    The same arguments give the same bytes. `seed` picks among voices that fit the description; words that
    were not understood are named in the voice's warnings. A stock voice's name in the description takes
    that voice; with nothing to go by it is the language's default voice, whatever the seed.
    """
    stock, rest = _named_voice(description, packs)
    person, traits = _person(rest, speaker or cue), describe(rest, manner, speaker, cue)
    installed = frozenset(packs) & stock_voices().keys()
    if stock is not None:
        chosen = Cast.of(stock)
    elif person.heard:
        chosen = choose(person, language, _random(rest, person, seed), seed, installed)
    else:
        chosen = Cast.of(_default(language, installed))
    chosen = enlivened(chosen, traits.scales.lively, installed)
    performance = perform(traits, chosen, seed, free=stock is None)
    return Voice(
        style=_mixed(chosen, packs),
        speed=performance.speed,
        name=chosen.name,
        warnings=(*traits.not_followed, *chosen.warnings),
        effects=performance.effects,
    )


def _named_voice(description: str | None, packs: Mapping[str, Style]) -> tuple[str | None, str | None]:
    """A stock voice named in the description ("af_heart", "am_puck, slow") and what else it says."""
    words = (description or "").replace(",", " ").split()
    for word in words:
        if word.lower() in packs:
            return word.lower(), " ".join(other for other in words if other != word)
    return None, description


def _person(description: str | None, cue: str | None) -> Traits:
    """What says who speaks. A passing mood in a cue colours the voice but does not change the speaker."""
    moment = describe(cue)
    if moment.gender or moment.age or moment.accent:
        return describe(description, cue)
    return describe(description)


def _random(description: str | None, person: Traits, seed: int) -> np.random.Generator:
    words = [*split(description or ""), "|", person.gender or "", person.age or "", person.accent or ""]
    digest = hashlib.sha256(" ".join(words).encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def _default(language: str, installed: frozenset[str]) -> str:
    wanted = default_voice(language)
    return wanted if wanted in installed else min(installed)


def _mixed(chosen: Cast, packs: Mapping[str, Style]) -> Style:
    acoustic = sum(weight * packs[name][:, :_ACOUSTIC] for name, weight in chosen.sound.items())
    melody = sum(weight * packs[name][:, _ACOUSTIC:] for name, weight in chosen.melody.items())
    return np.concatenate([acoustic, melody], axis=1).astype(np.float32)
