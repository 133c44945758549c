"""Clones of voices that were never stock: made ones, and real people where there are recordings."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.assets import ENCODER
from engine.errors import Cancelled
from engine.packs import Packs
from engine.voices import Effects, Voice, clone, design
from engine.voices.clone import mixed
from engine.voices.encoder import SpeakerEncoder, likeness
from engine.voices.fit import Say
from engine.voices.pitch import profile
from tests.engine.voices.conftest import Speak

Samples = NDArray[np.float32]

pytestmark = pytest.mark.xdist_group("clones")  # a fit takes long, and is kept for the tests after it

READ_ALOUD = (
    "plˈiːz tʃˈuːz ðə jˈɛloʊ dʒˈɑːɹ; ðə fˈɪʃ twˈɪstᵻd ænd tˈɜːnd ɔnðə bˈɛnt hˈʊk.",
    "ɐ lˈɑːɹdʒ sˈaɪz ɪn stˈɑːkɪŋz ɪz hˈɑːɹd tə sˈɛl, bˌʌt fˈɔːɹ ˈaʊɚz ʌv stˈɛdi wˈɜːk fˈeɪsd ˌʌs.",
)
_SPEECH = Path(__file__).parents[4] / "shared" / "data" / "speech"


@dataclass(frozen=True)
class Person:
    samples: Samples
    rate: int


def strangers() -> dict[str, tuple[dict[str, float], Effects]]:
    return {
        "a low man": ({"am_onyx": 0.5, "bm_fable": 0.5}, Effects(pitch=1.15, formant=0.9, tilt=-5)),
        "a high woman": ({"bf_isabella": 0.6, "zf_xiaoyi": 0.4}, Effects(pitch=0.9, formant=1.12, tilt=5)),
    }


def recorded() -> list[str]:
    """Two of the recorded people: a fit takes a while, and `test_a_clone_…` wants three voices of each."""
    return sorted(folder.name for folder in _SPEECH.iterdir())[:2] if _SPEECH.is_dir() else []


@pytest.fixture(scope="session")
def folder(models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models without any voice fitted before."""
    place = tmp_path_factory.mktemp("models")
    target = place / ENCODER.file
    target.parent.mkdir(parents=True)
    target.symlink_to(models_folder / ENCODER.file)
    return place


@pytest.fixture(scope="session")
def people(say: Say, packs: Packs) -> dict[str, Person]:
    return {name: Person(read_aloud(say, packs, *made), 24_000) for name, made in strangers().items()}


def read_aloud(say: Say, packs: Packs, shares: dict[str, float], effects: Effects) -> Samples:
    style = mixed(shares, packs)
    return np.concatenate([effects.apply(say(phonemes, style, 1.0)) for phonemes in READ_ALOUD])


def person_of(name: str, people: dict[str, Person]) -> Person:
    if name in people:
        return people[name]
    samples, rate = soundfile.read(max((_SPEECH / name).iterdir(), key=lambda file: file.stat().st_size))
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


# Real people lie further off than made ones, and the fit to them is less sure.
@pytest.mark.parametrize(
    ("name", "gain", "slack"),
    [*((name, 0.04, 0.0) for name in strangers()), *((name, 0.01, 0.05) for name in recorded())],
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
    person = person_of(name, people)
    target = encoder.embed(person.samples, person.rate)

    def near(voice: Voice) -> float:
        return likeness(encoder.embed(speak(voice), 24_000), target)

    loose, usual, locked = (near(cloning(person, cfg_value)) for cfg_value in (0.5, 2.0, 5.0))
    assert usual > likeness(default_embedding, target) + gain
    assert locked > usual - 0.03 - slack
    assert max(usual, locked) > loose - slack


@pytest.mark.parametrize("name", strangers())
def test_the_pitch_is_the_persons(
    name: str, people: dict[str, Person], cloning: Cloning, speak: Speak
) -> None:
    wanted = profile(people[name].samples, 24_000).median
    assert profile(speak(cloning(people[name])), 24_000).median == pytest.approx(wanted, rel=0.15)


def test_a_fit_is_kept_and_the_next_one_costs_nothing(people: dict[str, Person], cloning: Cloning) -> None:
    person = people["a low man"]
    first = cloning(person)
    silent = Cloning(cloning.packs, cloning.folder, say=never)
    silent(person)
    started = time.perf_counter()
    again = silent(person)
    assert time.perf_counter() - started < 0.05
    assert again.style.tobytes() == first.style.tobytes()
    assert (again.speed, again.effects, again.name) == (first.speed, first.effects, first.name)
    assert silent(person, cfg_value=5.0).style.tobytes() != first.style.tobytes()


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
    voice = cloning(Person(both, 24_000))
    assert any("more than one voice" in warning for warning in voice.warnings)
    assert not any("more than one voice" in warning for warning in cloning(people["a low man"]).warnings)
