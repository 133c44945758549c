from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.voices.candidates import GRID, likenesses
from engine.voices.describe import describe
from engine.voices.effects import Effects
from engine.voices.kinds import _typical, _voices, choose, differ, expected_view, likeness_to_others
from engine.voices.performance import perform
from engine.voices.stock import stock_voices
from engine.voices.traits import Traits

PEOPLE = (
    *("man", "woman", "little girl", "little boy", "old man", "old woman", "young man", "young woman"),
    *("middle-aged man", "middle-aged woman", "a widowed farmer, seventy", "a cheerful waitress of twenty"),
)


def test_a_voice_on_the_grid_is_expected_as_it_was_measured() -> None:
    table = likenesses()
    for place in (0, 17, 44):
        view = expected_view({table.names[3]: 1.0}, GRID[place])
        assert np.allclose(view, table.embeddings[3, place], atol=1e-5)


def test_between_and_beyond_the_places_of_the_grid_a_voice_moves_steadily() -> None:
    def at(pitch: float) -> NDArray[np.float32]:
        return expected_view({"am_adam": 1.0}, Effects(pitch=pitch))

    assert float(at(0.85) @ at(0.8)) > float(at(0.95) @ at(0.8))
    assert np.array_equal(at(0.5), at(0.8))


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (("female", None), ("male", None), True),
        (("female", "young"), ("female", None), False),
        (("male", "young"), ("male", "elderly"), True),
        (("male", "child"), ("female", "child"), False),
        ((None, "elderly"), ("male", "elderly"), False),
    ],
)
def test_kinds_differ_where_both_say_something_else(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None], apart: bool
) -> None:
    assert differ(one, other) is differ(other, one) is apart


def test_the_table_is_what_casting_and_performance_make_today() -> None:
    """Otherwise: `python -m engine.voices.kinds`."""
    kept = np.stack(list(_voices().values()))
    made = _typical()
    assert kept.shape == made.shape
    assert float((kept * made).sum(axis=2).min()) > 0.999


def test_a_man_is_liker_to_women_than_a_woman_is_to_men_of_her_own_voice() -> None:
    woman = expected_view({"af_heart": 1.0}, Effects())
    assert likeness_to_others(Traits(gender="male"), woman) > likeness_to_others(
        Traits(gender="female"), woman
    )


def _chosen(person: Traits, seed: int) -> NDArray[np.float32]:
    chosen = choose(person, "en", np.random.default_rng(seed), seed, frozenset(stock_voices()))
    return expected_view(chosen.sound, perform(person, chosen, seed, free=True).effects)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_people_who_differ_in_gender_or_age_are_cast_apart(seed: int) -> None:
    told = {text: describe(text) for text in PEOPLE}
    views = {text: _chosen(person, seed) for text, person in told.items()}
    near = {
        (one, other): round(float(views[one] @ views[other]), 3)
        for one, other in combinations(PEOPLE, 2)
        if differ((told[one].gender, told[one].age), (told[other].gender, told[other].age))
        and views[one] @ views[other] >= 0.75
    }
    assert near == {}
