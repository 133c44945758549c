"""Clones of voices that were never stock: made ones, and real people where there are recordings.

`SAYHOOK_TEST_RECORDINGS` names a folder with one folder of recordings per person.
"""

from __future__ import annotations

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from engine.errors import Cancelled
from engine.packs import Packs
from engine.speaker import Engine
from engine.values import SpeechRequest
from engine.voices import Effects, Voice, clone, design
from engine.voices.clone import mixed
from engine.voices.fit import Say
from engine.voices.pitch import profile
from tests.engine.voices.conftest import PHONEMES, Samples, Speak

if TYPE_CHECKING:
    from engine.voices.encoder import SpeakerEncoder

READ_ALOUD = "ɐ lˈɑːɹdʒ sˈaɪz ɪn stˈɑːkɪŋz ɪz hˈɑːɹd tə sˈɛl, bˌʌt fˈɔːɹ ˈaʊɚz ʌv stˈɛdi wˈɜːk fˈeɪsd ˌʌs."
RECORDINGS = os.environ.get("SAYHOOK_TEST_RECORDINGS")


@dataclass(frozen=True)
class Person:
    samples: Samples
    rate: int


def strangers() -> dict[str, tuple[dict[str, float], Effects]]:
    return {
        "a low man": ({"am_onyx": 0.5, "bm_fable": 0.5}, Effects(pitch=1.15, formant=0.9, tilt=-5)),
        "a high woman": ({"bf_isabella": 0.6, "zf_xiaoyi": 0.4}, Effects(pitch=0.9, formant=1.12, tilt=5)),
    }


def measured() -> list[str]:
    """Each is a fit of its own; a man is fitted too where real people are."""
    return [name for name in strangers() if RECORDINGS or name == "a high woman"]


def recorded() -> list[str]:
    return sorted(folder.name for folder in Path(RECORDINGS).iterdir()) if RECORDINGS else []


@pytest.fixture(scope="session")
def folder(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models without any voice fitted before; what a test here fits is kept for those after it."""
    place = tmp_path_factory.mktemp("models")
    for part in models_folder.iterdir():
        if part.name != "fitted":
            (place / part.name).symlink_to(part)
    return place


@pytest.fixture(scope="session")
def people(say: Say, packs: Packs) -> dict[str, Person]:
    return {name: Person(read_aloud(say, packs, *made), 24_000) for name, made in strangers().items()}


def read_aloud(say: Say, packs: Packs, shares: dict[str, float], effects: Effects) -> Samples:
    return effects.apply(say(READ_ALOUD, mixed(shares, packs), 1.0))


def person_of(name: str, people: dict[str, Person]) -> Person:
    if name in people:
        return people[name]
    assert RECORDINGS is not None
    files = (Path(RECORDINGS) / name).iterdir()
    samples, rate = soundfile.read(max(files, key=lambda file: file.stat().st_size))
    return Person(samples[: 20 * rate].astype(np.float32), rate)


@dataclass
class Cloning:
    packs: Packs
    folder: Path
    say: Say

    def __call__(self, person: Person, cfg_value: float = 2.0, timesteps: int = 4) -> Voice:
        return clone(
            person.samples,
            person.rate,
            cfg_value=cfg_value,
            timesteps=timesteps,
            language="en",
            packs=self.packs,
            models=self.folder,
            say=self.say,
        )


@pytest.fixture(scope="session")
def cloning(packs: Packs, folder: Path, say: Say) -> Cloning:
    return Cloning(packs, folder, say)


@pytest.fixture(scope="session")
def default_embedding(encoder: SpeakerEncoder, speak: Speak, packs: Packs) -> Samples:
    return encoder.embed(speak(design(None, None, "en", 0, packs)), 24_000)


def test_a_recording_gives_its_voice_to_the_text(folder: Path, people: dict[str, Person]) -> None:
    person = people["a high woman"]
    request = asked(person, "(zorbly slow) We saw him.")
    engine = Engine(folder, threads=1)
    speech = engine.speak(request)
    samples, rate = soundfile.read(io.BytesIO(speech.audio), dtype="float32")
    wanted = profile(person.samples, person.rate).median
    assert profile(samples, rate).median == pytest.approx(wanted, rel=0.15)
    assert speech.warnings == ('Not understood in the voice description: "zorbly"',)
    assert engine.speak(request).audio == speech.audio
    speaks_while_another_is_fitted(engine, request, asked(people["a low man"], "We saw him."))


def asked(person: Person, text: str) -> SpeechRequest:
    recording = io.BytesIO()
    soundfile.write(recording, person.samples, person.rate, format="WAV", subtype="FLOAT")
    return SpeechRequest(text=text, language="en", reference=recording.getvalue(), inference_timesteps=4)


def speaks_while_another_is_fitted(engine: Engine, known: SpeechRequest, new: SpeechRequest) -> None:
    """The new one's fit is held up by its `cancelled`, which is asked once before its voice is made."""
    fitting, done = Event(), Event()
    calls = iter([False])

    def hold() -> bool:
        if not next(calls, True):
            return False
        fitting.set()
        return done.wait(200)

    with ThreadPoolExecutor(2) as threads:
        held = threads.submit(engine.speak, new, cancelled=hold)
        try:
            assert fitting.wait(120)
            assert threads.submit(engine.speak, known).result(120).audio
        finally:
            done.set()
        assert isinstance(held.exception(120), Cancelled)


# Real people lie further off than made ones, and the fit to them is less sure.
@pytest.mark.parametrize(
    ("name", "gain", "slack"),
    [*((name, 0.04, 0.0) for name in measured()), *((name, 0.01, 0.05) for name in recorded())],
)
def test_a_clone_is_nearer_than_the_default_voice_and_follows_cfg_value(
    name: str,
    gain: float,
    slack: float,
    people: dict[str, Person],
    cloning: Cloning,
    encoder: SpeakerEncoder,
    speak: Speak,
    default_embedding: Samples,
) -> None:
    from engine.voices.encoder import likeness

    person = person_of(name, people)
    target = encoder.embed(person.samples, person.rate)

    def near(voice: Voice) -> float:
        return likeness(encoder.embed(speak(voice), 24_000), target)

    loose, usual, locked = (near(cloning(person, cfg_value)) for cfg_value in (0.5, 2.0, 5.0))
    assert usual > likeness(default_embedding, target) + gain
    assert locked > usual - 0.03 - slack
    assert max(usual, locked) > loose - slack


@pytest.mark.parametrize("name", measured())
def test_the_pitch_is_the_persons(
    name: str, people: dict[str, Person], cloning: Cloning, speak: Speak
) -> None:
    wanted = profile(people[name].samples, 24_000).median
    assert profile(speak(cloning(people[name])), 24_000).median == pytest.approx(wanted, rel=0.15)


def test_a_fit_is_kept_and_the_next_one_costs_nothing(people: dict[str, Person], cloning: Cloning) -> None:
    person = people["a high woman"]
    first = cloning(person)
    silent = Cloning(cloning.packs, cloning.folder, say=never)
    silent(person)
    started = time.perf_counter()
    again = silent(person)
    assert time.perf_counter() - started < 0.05
    assert again.style.tobytes() == first.style.tobytes()
    assert (again.speed, again.effects, again.name) == (first.speed, first.effects, first.name)
    assert silent(person, cfg_value=1.0).style.tobytes() != first.style.tobytes()
    locked = silent(person, cfg_value=5.0)
    assert locked.style.tobytes() == first.style.tobytes()
    assert strength(locked) == pytest.approx(1.2 * strength(first), rel=0.01)


def strength(voice: Voice) -> float:
    """Of the voice's colour: the mean gain of its curves."""
    assert voice.effects.timbre is not None
    return float(np.abs(voice.effects.timbre.gains).mean())


def never(phonemes: str, style: Samples, speed: float) -> Samples:
    raise AssertionError("nothing should be spoken")


def test_cancelling_stops_a_fit(people: dict[str, Person], cloning: Cloning) -> None:
    person = people["a high woman"]
    with pytest.raises(Cancelled):
        clone(
            person.samples,
            person.rate,
            cfg_value=2.0,
            timesteps=20,
            language="en",
            packs=cloning.packs,
            models=cloning.folder,
            say=cloning.say,
            cancelled=lambda: True,
        )


def test_two_people_in_one_recording_are_told(people: dict[str, Person], cloning: Cloning) -> None:
    both = np.concatenate([person.samples for person in people.values()])
    heard_before = cloning.say(PHONEMES, cloning.packs["am_onyx"], 1.0)
    voice = Cloning(cloning.packs, cloning.folder, lambda *_: heard_before)(Person(both, 24_000))
    assert any("more than one voice" in warning for warning in voice.warnings)
    assert not any("more than one voice" in warning for warning in cloning(people["a high woman"]).warnings)
