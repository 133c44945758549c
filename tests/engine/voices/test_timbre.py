"""The colour of a voice, learned from a recording and put on another voice."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.voices import Effects, design
from engine.voices.fit import Say
from engine.voices.pitch import profile
from engine.voices.timbre import Timbre, log_mel

if TYPE_CHECKING:
    from engine.voices.encoder import SpeakerEncoder

Samples = NDArray[np.float32]

WORDS = "wi ˈɔfən sˈɔ hɪm baɪ ðə wˈɪndoʊ, ɹˈiːdɪŋ ɐbˌaʊt ʃˈɪps."
OTHER_WORDS = "ðə bˈY wʌz ðɛɹ wɛn ðə sˈʌn ɹˈOz ˌOvəɹ ðə smˈuð blˈu lˈAk."


@pytest.fixture(scope="module")
def voice(say: Say, packs: dict[str, Samples]) -> Samples:
    return say(WORDS, packs["am_michael"], 1.0)


@pytest.fixture(scope="module")
def person(say: Say, packs: dict[str, Samples]) -> Samples:
    """Somebody with another vocal tract in another room, saying something else."""
    return Effects(formant=0.9, tilt=-6).apply(say(OTHER_WORDS, packs["am_fenrir"], 1.0))


@pytest.fixture(scope="module")
def timbre(voice: Samples, person: Samples) -> Timbre:
    from engine.voices.timbre_fit import learned

    return learned([voice], person, 24_000)


def bands(samples: Samples) -> Samples:
    from engine.voices.envelope import frames_of

    found = log_mel(frames_of(samples))
    loud: Samples = found[found.max(axis=1) > -6].mean(axis=0).astype(np.float32)
    level: Samples = loud - loud.mean()
    return level


def test_a_coloured_voice_has_the_persons_spectrum_and_its_own_melody(
    voice: Samples, person: Samples, timbre: Timbre
) -> None:
    coloured = Effects(timbre=timbre).apply(voice)
    before, after = (np.abs(bands(one) - bands(person)).mean() for one in (voice, coloured))
    assert after < 0.7 * before
    assert len(coloured) == len(voice)
    assert profile(coloured, 24_000).median == pytest.approx(profile(voice, 24_000).median, rel=0.03)


def test_half_the_colour_goes_half_the_way(voice: Samples, timbre: Timbre) -> None:
    half, whole = (bands(Effects(timbre=timbre.scaled(share)).apply(voice)) for share in (0.5, 1.0))
    moved = [np.abs(one - bands(voice)).mean() for one in (half, whole)]
    assert moved[0] == pytest.approx(moved[1] / 2, rel=0.3)


def test_refining_brings_the_voice_nearer(
    voice: Samples, person: Samples, timbre: Timbre, encoder: SpeakerEncoder
) -> None:
    from engine.voices.encoder import likeness
    from engine.voices.timbre_fit import refined

    target = encoder.embed(person, 24_000)
    asked: list[int] = []
    better = refined(timbre, [voice], encoder, target, 4, lambda: asked.append(1))
    near = [
        likeness(encoder.embed(Effects(timbre=one).apply(voice), 24_000), target) for one in (timbre, better)
    ]
    assert near[1] > near[0]
    assert 1 <= len(asked) <= 4
    assert replace(better, gains=timbre.gains) == timbre


def test_the_same_recording_teaches_the_same(voice: Samples, person: Samples, timbre: Timbre) -> None:
    from engine.voices.timbre_fit import learned

    assert learned([voice], person, 24_000) == timbre


def test_it_survives_being_written_down(timbre: Timbre) -> None:
    assert Timbre.of(json.loads(json.dumps(asdict(timbre)))) == timbre


def test_designed_voices_have_none(packs: dict[str, Samples]) -> None:
    assert design("old man", None, "en", 1, packs).effects.timbre is None
