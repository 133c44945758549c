"""Does a designed voice follow its description?"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from itertools import chain, combinations
from typing import Any

import numpy as np

from engine.voices.describe import describe
from engine.voices.kinds import differ
from engine.voices.pitch import profile
from hub.evaluation.bench import RATE, Bench, Samples
from hub.evaluation.figures import Figure, share

_PITCH_BETWEEN = 155.0
"""Hertz: the voices of women lie above, of men below."""

_CHILD_FROM = 200.0


@cache
def descriptions() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("descriptions.toml").read_text("utf-8"))


def design(bench: Bench) -> list[Figure]:
    return [
        *(_gender(bench, which) for which in ("tuned", "held_out")),
        *_order(bench),
        _whisper(bench),
        _apart(bench),
        _same_bytes(bench),
    ]


def _gender(bench: Bench, which: str) -> Figure:
    rows = [(gender, text) for gender, texts in descriptions()[which].items() for text in texts]
    right = [_sounds(bench, text, gender) for gender, text in bench.sample(rows, 8)]
    return share(f"design.gender.{which}", right, bar=0.95)


def _sounds(bench: Bench, text: str, gender: str) -> bool:
    """By median pitch and by timbre. A child has no gender to hear: its voice must be high."""
    spoken = bench.sentence(text)
    pitch = profile(spoken, RATE).median
    if describe(text).age == "child":
        return pitch > _CHILD_FROM
    if describe(text).scales.whisper >= 1:
        return timbre(bench, spoken) == gender
    return (pitch > _PITCH_BETWEEN) == (gender == "female") and timbre(bench, spoken) == gender


def timbre(bench: Bench, spoken: Samples) -> str:
    """What the speaker encoder takes the voice for, by stock voices under the same moves of pitch."""
    side = float(bench.encoder.embed(spoken, RATE) @ _divide())
    return "female" if side > 0 else "male"


@cache
def _divide() -> Samples:
    """From the mean man to the mean woman, ridge-regressed over the encoder's view of the stock voices."""
    from engine.voices.candidates import GRID, likenesses
    from engine.voices.stock import stock_voices

    table, voices = likenesses(), stock_voices()
    kept = [place for place, effects in enumerate(GRID) if 0.9 <= effects.pitch <= 1.12]
    adults = [row for row, name in enumerate(table.names) if voices[name].age != "child"]
    rows = table.embeddings[np.ix_(adults, kept)].reshape(-1, table.embeddings.shape[2])
    sides = [1.0 if voices[table.names[row]].gender == "female" else -1.0 for row in adults for _ in kept]
    ridge = rows.T @ rows + 0.3 * len(rows) / rows.shape[1] * np.eye(rows.shape[1])
    divide: Samples = np.linalg.solve(ridge, rows.T @ np.array(sides)).astype(np.float32)
    return divide


def _order(bench: Bench) -> list[Figure]:
    words = descriptions()["pairs"]
    people = bench.sample(words["people"], 2)
    pace, pitch = [], []
    manners = list(zip(words["slow"], words["fast"], strict=True))
    for number, person in enumerate(people):
        for turn in (0,) if bench.quick else (0, 2):
            slow, fast = manners[(number + turn) % len(manners)]
            lengths = [len(bench.sentence(f"{person}{how}")) for how in (f", {slow}", "", f", {fast}")]
            pace.append(lengths == sorted(lengths, reverse=True) and len(set(lengths)) == 3)
        at = number % len(words["deep"])
        low, high = (
            profile(bench.sentence(f"{person}, {words[how][at]}"), RATE).median for how in ("deep", "high")
        )
        pitch.append(high > 1.1 * low)
    return [share("design.pace", pace, bar=0.9), share("design.pitch", pitch, bar=0.9)]


def _whisper(bench: Bench) -> Figure:
    words = descriptions()["pairs"]
    halved = []
    for person, how in bench.sample(list(zip(words["people"], words["whispering"] * 2, strict=True)), 2):
        plain, whispered = (
            profile(bench.sentence(text), RATE).voiced for text in (person, f"{person}, {how}")
        )
        halved.append(whispered <= plain / 2)
    return share("design.whisper", halved, bar=1.0)


_KINDS = (
    *("man", "woman", "little girl", "little boy", "old man", "old woman", "young man", "young woman"),
    *("middle-aged man", "middle-aged woman"),
)


def _apart(bench: Bench) -> Figure:
    """The share of pairs that differ in gender or age and sound like two people (cosine under 0.75).

    The plain kinds of people, and every held-out description in free words.
    """
    rows = [*_KINDS, *chain(*descriptions()["held_out"].values())]
    said = {text: describe(text) for text in bench.sample(rows, 4)}
    views = {text: bench.encoder.embed(bench.sentence(text), RATE) for text in said}
    pairs = [
        float(views[one] @ views[other]) < 0.75
        for one, other in combinations(said, 2)
        if differ((said[one].gender, said[one].age), (said[other].gender, said[other].age))
    ]
    return share("design.apart", pairs, bar=1.0)


def _same_bytes(bench: Bench) -> Figure:
    texts = bench.sample(descriptions()["held_out"]["female"], 2)[:5]
    same = [bench.render("həlˈoʊ ðˈɛɹ.", bench.voice(text)).tobytes() for text in texts]
    again = [bench.render("həlˈoʊ ðˈɛɹ.", bench.voice(text)).tobytes() for text in texts]
    return share("design.same_bytes", [one == other for one, other in zip(same, again, strict=True)], bar=1.0)
