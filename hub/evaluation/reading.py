"""Are descriptions and numbers understood? Told from the words alone, without a sound being made."""

from __future__ import annotations

from hub.evaluation.bench import Bench
from hub.evaluation.design import descriptions
from hub.evaluation.figures import Figure, share
from hub.evaluation.words import number_sentences, spelled


def reading(bench: Bench) -> list[Figure]:
    """The share of descriptions whose gender is read right, and of number sentences that are spelled out as
    people say them."""
    from engine.voices.describe import describe

    read = {
        which: [
            describe(text).gender == gender
            for gender, texts in descriptions()[which].items()
            for text in texts
        ]
        for which in ("tuned", "held_out")
    }
    numbers = [spelled(written) == spelled(spoken) for written, spoken in number_sentences()]
    return [
        *(share(f"reading.gender.{which}", right, bar=0.95) for which, right in read.items()),
        share("reading.numbers", numbers, bar=0.96),
    ]
