"""Are clones understood as well as a stock voice? Sentences of both, read back by Whisper tiny.en."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.voices.stock import default_voice
from hub.evaluation.bench import RATE, Bench, Samples
from hub.evaluation.clones import Fits, people_of, phonemes_of
from hub.evaluation.figures import Figure
from hub.evaluation.libraries import Transcriber

_SENTENCES = (
    "The old bridge was closed for the winter because the river had risen too far.",
    "She wrapped the glass in paper and put it gently at the bottom of the box.",
    "Nobody at the office remembered who had ordered the flowers.",
    "When the rain stopped, the children ran outside without their shoes.",
    "Please leave your wet coat by the door and come and sit near the fire.",
    "My brother keeps his bicycle in the kitchen, which makes our mother angry.",
    "The doctor spoke quietly and chose her words with great care.",
    "It takes a long time to learn how to wait.",
    "They sold bread, cheese and yellow apples from the back of a small truck.",
    "He promised to call us as soon as his plane had landed.",
)
_WORDS_PROMISED = 0.03
"""How many more of a hundred words a clone may lose than the stock voice: three."""


Listen = Callable[[Samples, int], str]


def clone_words(bench: Bench, listen: Listen | None = None) -> list[Figure]:
    """Of the words of some sentences, how many are heard wrong; `listen` is Whisper unless given."""
    people = people_of(bench)
    if not people:
        return []
    listen, fits = listen or Transcriber(), Fits(bench)
    texts = bench.sample(_SENTENCES, 4)
    stock = bench.packs[default_voice("en")]
    heard = [_wrong(text, _say(bench, text, stock), listen) for text in texts]
    words = sum(len(_plain(text).split()) for text in texts)
    errors = 0
    for person in people:
        voice = fits.voice(person, 2.0)
        errors += sum(_wrong(text, bench.render(phonemes_of(text), voice), listen) for text in texts)
    ours, theirs, count = errors / (words * len(people)), sum(heard) / words, words * len(people)
    noise = max(2 / words, 2 * (2 * max(ours, theirs) / words) ** 0.5)
    return [
        Figure("clones.words.stock", theirs, words, noise, higher_is_better=False),
        Figure("clones.words.error_rate", ours, count, noise, higher_is_better=False),
        Figure("clones.words.added", ours - theirs, count, noise, _WORDS_PROMISED, higher_is_better=False),
    ]


def _say(bench: Bench, text: str, style: Samples) -> Samples:
    return bench.kokoro.say(phonemes_of(text), style, 1.0)


def _wrong(text: str, spoken: Samples, listen: Listen) -> int:
    import jiwer

    found = jiwer.process_words(_plain(text), _plain(listen(spoken, RATE)))
    return int(found.substitutions + found.deletions + found.insertions)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.lower().replace("’", "'")))
