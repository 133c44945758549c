"""Who speaks: the two stock voices that come nearest to the traits, and their shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log2

import numpy as np

from engine.voices.stock import ACCENTS, StockVoice, stock_voices
from engine.voices.traits import Traits

_VOICES_MIXED = 2
_GUESTS_SHARE = 0.25
"""At most this much comes from other accents where an accent has too few voices to choose among."""

_PITCH_TASTE = 0.5
"""Semitones the seed may move the pitch either way."""

_TASTE = 0.25
"""How far the seed may outweigh a better match: the scale of the noise on each voice's score."""

_PITCH = {"female": 195.0, "male": 116.0}
_AGE_PITCH = {"child": 1.38, "young": 1.13, "middle": 1.0, "elderly": 0.94}
_PITCH_STEP = 2 ** (3.2 / 12)
"""What "deep" takes from the pitch and "high" adds to it."""

_LOWEST, _HIGHEST = {"female": 158.0, "male": 78.0}, {"female": 330.0, "male": 178.0}
_CHILD_PITCH = 285.0

_ACCENT_NAMES = {
    "a": "American",
    "b": "British",
    "e": "Spanish",
    "f": "French",
    "h": "Indian",
    "i": "Italian",
    "j": "Japanese",
    "p": "Portuguese",
    "z": "Mandarin",
}


@dataclass(frozen=True, slots=True)
class Cast:
    """Shares of stock voices, each adding up to 1: `sound` for the timbre, `melody` for pitch and timing."""

    sound: Mapping[str, float]
    melody: Mapping[str, float]
    gender: str
    target_pitch: float
    warnings: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, name: str) -> Cast:
        voice = stock_voices()[name]
        return cls({name: 1.0}, {name: 1.0}, voice.gender, voice.pitch)

    @property
    def name(self) -> str:
        return "+".join(sorted(self.sound, key=lambda voice: -self.sound[voice]))

    def melody_mean(self, feature: str) -> float:
        """The shares' geometric mean of a measured feature, such as the pitch the mix will have."""
        voices = stock_voices()
        logs = [share * np.log(getattr(voices[name], feature)) for name, share in self.melody.items()]
        return float(np.exp(sum(logs)))


def cast(traits: Traits, language: str, random: np.random.Generator, installed: frozenset[str]) -> Cast:
    """Voices among those `installed` for traits with a gender; `random` settles what they leave open."""
    assert traits.gender is not None
    gender = traits.gender
    pitch = target_pitch(traits, gender) * 2 ** (random.uniform(-_PITCH_TASTE, _PITCH_TASTE) / 12)
    pool, warnings = _pool(traits, gender, language, installed)
    sound = _shares(pool, traits, pitch, language, random)
    if traits.accent is not None and len(pool) < _VOICES_MIXED:
        guests = [voice for voice in _suiting(traits, gender, installed) if voice not in pool]
        sound = _with_guests(sound, _shares(guests, traits, pitch, language, random), random)
    return Cast(sound, sound, gender, pitch, warnings)


def _shares(
    pool: Sequence[StockVoice], traits: Traits, pitch: float, language: str, random: np.random.Generator
) -> dict[str, float]:
    scores = np.array([_fit(voice, traits, pitch, language) for voice in pool])
    scores = scores + _TASTE * random.gumbel(size=len(pool))
    chosen = np.argsort(-scores, kind="stable")[:_VOICES_MIXED]
    shares = np.exp((scores[chosen] - scores[chosen].max(initial=-np.inf)) / 0.2)
    shares = shares * random.uniform(0.7, 1.3, len(chosen))
    shares /= shares.sum()
    return {pool[index].name: float(share) for index, share in zip(chosen, shares, strict=True)}


def _with_guests(
    hosts: Mapping[str, float], guests: Mapping[str, float], random: np.random.Generator
) -> dict[str, float]:
    """Another speaker of the same accent: mostly the hosts, and the guest that suits best."""
    if not guests:
        return dict(hosts)
    guest = max(guests, key=lambda name: guests[name])
    part = random.uniform(0.05, _GUESTS_SHARE)
    return {name: share * (1 - part) for name, share in hosts.items()} | {guest: part}


def target_pitch(traits: Traits, gender: str) -> float:
    """Median pitch in hertz that the traits ask for."""
    steps = _PITCH_STEP**traits.scales.pitch
    if traits.age == "child":
        return float(np.clip(_CHILD_PITCH * (0.94 if gender == "male" else 1.0) * steps, 225, 380))
    wished = _PITCH[gender] * _AGE_PITCH.get(traits.age or "", 1.0) * steps
    return float(np.clip(wished, _LOWEST[gender], _HIGHEST[gender]))


def _pool(
    traits: Traits, gender: str, language: str, installed: frozenset[str]
) -> tuple[Sequence[StockVoice], tuple[str, ...]]:
    fitting = _suiting(traits, gender, installed)
    if traits.accent is None:
        return fitting, ()
    accented = [voice for voice in fitting if voice.accent == traits.accent]
    if accented:
        return accented, ()
    name = _ACCENT_NAMES[traits.accent]
    return fitting, (f"There is no {gender} voice with a {name} accent; another accent was taken",)


def _suiting(traits: Traits, gender: str, installed: frozenset[str]) -> list[StockVoice]:
    voices = [voice for name, voice in sorted(stock_voices().items()) if name in installed]
    return [voice for voice in voices if _suits(voice, traits, gender)] or voices


def _suits(voice: StockVoice, traits: Traits, gender: str) -> bool:
    if traits.age == "child":
        return voice.gender == "female" or voice.age == "child"
    far = {voice.age, traits.age} == {"young", "elderly"}
    return voice.gender == gender and voice.age != "child" and not far


def _fit(voice: StockVoice, traits: Traits, pitch: float, language: str) -> float:
    """Higher is nearer. Quality weighs as much as four semitones or one age group."""
    scales = traits.scales
    semitones = 12 * log2(voice.pitch / pitch)
    score = 1.2 * voice.grade - 0.035 * semitones**2
    score -= 0.05 * abs(voice.bright - (-17.0 - 4.0 * scales.warmth))
    score -= 0.25 * abs(voice.spread - (3.1 + 0.7 * scales.lively))
    if traits.age is not None and voice.age is not None:
        score += 1.2 if voice.age == traits.age else -0.8
    if ("age", voice.age) in traits.excluded:
        score -= 1.5
    if ("accent", voice.accent) in traits.excluded:
        score -= 3
    if voice.name == "af_nicole":
        score += 2.5 * scales.whisper + 0.8 * scales.breath - 0.8
    return score + _home(voice, traits, language)


def _home(voice: StockVoice, traits: Traits, language: str) -> float:
    """Voices made for the language speak it best; American is what English means by default."""
    if traits.accent is not None:
        return 0.0
    home = ACCENTS.get(language, "ab")
    if voice.accent not in home:
        return -1.6
    return -0.4 if voice.accent == "b" else 0.0


def enlivened(chosen: Cast, lively: float, installed: frozenset[str]) -> Cast:
    """The same voices, with a part of the melody of the liveliest or the flattest voice of their kind."""
    if abs(lively) < 0.4:
        return chosen
    voices = stock_voices()
    accents = {voices[name].accent for name in chosen.sound}
    kin = [
        voices[name]
        for name in sorted(installed)
        if voices[name].gender == chosen.gender
        and voices[name].accent in accents
        and voices[name].age != "child"
    ]
    if not kin:
        return chosen
    model = max(kin, key=lambda voice: voice.spread * (1 if lively > 0 else -1) + 0.8 * voice.grade)
    part = min(0.7, 0.45 * abs(lively))
    melody = {name: share * (1 - part) for name, share in chosen.melody.items()}
    melody[model.name] = melody.get(model.name, 0.0) + part
    return replace(chosen, melody=melody)
