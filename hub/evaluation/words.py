"""Are numbers, dates and money heard as they were meant? Read back by Whisper tiny.en."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from hub.evaluation.bench import RATE, Bench
from hub.evaluation.figures import Figure
from hub.evaluation.libraries import QualityModel, Transcriber

_ONE_SPELLING = {
    r"[-–—/]": " ",
    r"\bmr\b\.?": "mister",
    r"\bmrs\b\.?": "missus",
    r"\bdr\b\.?": "doctor",
    r"\bst\b\.?": "street",
    r"\bo'? ?clock\b": "oclock",
    r"\b([ap])\.? ?m\b\.?": r"\1m",
    r"\bper cent\b": "percent",
    r"metre": "meter",
    r"litre": "liter",
    r"[^\w\s]": "",
    r"\band\b": "",
    r"\bhundred (?=\d)": "hundred ",
    r"\s+": " ",
}


def number_sentences() -> list[tuple[str, str]]:
    """What is written and what should be heard."""
    lines = files(__package__).joinpath("numbers.txt").read_text("utf-8").splitlines()
    pairs = [line.split(" => ") for line in lines if not line.startswith("#")]
    return [(written, spoken) for written, spoken in pairs]


def word_errors(bench: Bench) -> list[Figure]:
    listen = Transcriber()
    errors = words = 0
    for written, spoken in bench.sample(number_sentences(), 12):
        wrong, count = wrong_words(spoken, listen(bench.speak(written), RATE))
        errors, words = errors + wrong, words + count
    value = errors / words
    noise = max(2 / words, 2 * (2 * value / words) ** 0.5)
    return [Figure("words.error_rate", value, words, noise, 0.04, higher_is_better=False)]


def quality(bench: Bench) -> list[Figure]:
    judge = QualityModel()
    scores = [judge(bench.speak(written), RATE) for written, _ in bench.sample(number_sentences()[::10], 3)]
    mean = sum(scores) / len(scores)
    return [Figure("words.dnsmos", mean, len(scores), 0.1)]


def wrong_words(spoken: str, heard: str) -> tuple[int, int]:
    """Wrong words and words. Figures that a listener writes count as the words they stand for."""
    import jiwer

    count = jiwer.process_words(spelled(spoken), spelled(heard))
    total = count.hits + count.substitutions + count.deletions
    return count.substitutions + count.deletions + count.insertions, total


@cache
def spelled(text: str) -> str:
    """Lower case, numbers in words, without punctuation."""
    from engine.text.cleaning import clean
    from engine.text.normalise import normalise

    plain = " ".join(word.spoken for word in normalise(clean(text), "en").words).lower().replace("’", "'")
    for pattern, one in _ONE_SPELLING.items():
        plain = re.sub(pattern, one, plain)
    return plain.strip()
