import numpy as np
import pytest

from engine.voices.candidates import (
    GRID,
    candidates,
    expected_pitch,
    likenesses,
    pitch_cost,
    plausible,
)
from engine.voices.effects import Effects
from engine.voices.stock import stock_voices

EVERYONE = frozenset(stock_voices())
PLAIN = GRID.index(Effects())


def test_the_table_holds_every_stock_voice() -> None:
    table = likenesses()
    assert set(table.names) == EVERYONE
    assert table.embeddings.shape == (54, len(GRID), 256)
    assert np.allclose(np.linalg.norm(table.embeddings, axis=2), 1, atol=1e-3)


@pytest.mark.parametrize("name", ["af_heart", "bm_fable", "zf_xiaoxiao"])
def test_a_stock_voice_finds_itself(name: str) -> None:
    table = likenesses()
    target = table.embeddings[table.names.index(name), PLAIN]
    best = candidates(target, stock_voices()[name].pitch, EVERYONE, 2)[0]
    assert dict(best.shares) == {name: 1.0}
    assert best.effects == Effects()
    assert best.expected == pytest.approx(1, abs=0.01)


def test_a_blend_is_found_as_a_mix_of_its_voices() -> None:
    table = likenesses()
    one, other = (table.embeddings[table.names.index(name), PLAIN] for name in ("am_onyx", "bm_fable"))
    target = (one + other) / np.linalg.norm(one + other)
    mix = candidates(target, 0.0, EVERYONE, 2)[1]
    assert {"am_onyx", "bm_fable"} <= mix.shares.keys()
    assert sum(mix.shares.values()) == pytest.approx(1)
    assert len(mix.shares) <= 4


def test_candidates_differ_and_keep_to_what_is_installed() -> None:
    few = frozenset({"jf_alpha", "jf_nezumi", "jm_kumo"})
    found = candidates(likenesses().embeddings[0, PLAIN], 180.0, few, 6)
    assert all(candidate.shares.keys() <= few for candidate in found)
    assert len(candidates(likenesses().embeddings[0, PLAIN], 180.0, EVERYONE, 6)) == 6


def test_far_pitches_rule_the_other_gender_out() -> None:
    assert all(name[1] == "m" for name in plausible(EVERYONE, 100))
    assert {name for name in plausible(EVERYONE, 230) if name[1] == "m"} <= {
        "am_eric",
        "am_santa",
        "zm_yunxi",
        "zm_yunxia",
    }
    assert plausible(EVERYONE, 165) == EVERYONE == plausible(EVERYONE, 0)
    assert plausible(frozenset({"jf_alpha", "jm_kumo"}), 100) == {"jf_alpha", "jm_kumo"}


def test_pitch_costs_from_a_few_semitones_on() -> None:
    assert pitch_cost(110, 110) == pitch_cost(110, 120) == pitch_cost(0, 120) == 0
    assert 0 < pitch_cost(150, 110) < pitch_cost(200, 110)
    assert expected_pitch({"am_onyx": 0.5, "jf_tebukuro": 0.5}) == pytest.approx(
        (83.1 * 314.8) ** 0.5, rel=0.02
    )
