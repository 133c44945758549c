import numpy as np
from numpy.typing import NDArray

from engine.voices.speakers import more_than_one


def windows_of(person: int, count: int, unlike: float = 0.35) -> NDArray[np.float32]:
    """Embeddings about one person, as scattered as real ones."""
    random = np.random.default_rng(person)
    centre = random.random(256) * (random.random(256) < 0.4)
    centre /= np.linalg.norm(centre)
    noise = np.random.default_rng(person + 100).normal(size=(count, 256)) / 16
    rows = np.maximum(centre + unlike * noise, 0)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_one_person_is_one() -> None:
    assert not more_than_one(windows_of(1, 20))
    assert not more_than_one(windows_of(1, 3))


def test_two_people_are_told_apart() -> None:
    assert more_than_one(np.concatenate([windows_of(1, 12), windows_of(2, 10)]))


def test_a_stray_window_is_no_second_person() -> None:
    assert not more_than_one(np.concatenate([windows_of(1, 20), windows_of(2, 1)]))


def test_identical_windows_are_one() -> None:
    assert not more_than_one(np.repeat(windows_of(3, 1), 9, axis=0))
