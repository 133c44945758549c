"""Languages: told apart, and spoken whole."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from engine.languages import LANGUAGES
from hub.evaluation.bench import Bench
from hub.evaluation.figures import Figure, share


@cache
def sentences() -> dict[str, list[str]]:
    table: dict[str, list[str]] = tomllib.loads(
        files(__package__).joinpath("detection.toml").read_text("utf-8")
    )
    return table


def detection(bench: Bench) -> list[Figure]:
    """The share of single sentences whose language is told right."""
    from engine.detection import detect

    rows = [(code, text) for code, texts in sentences().items() for text in texts]
    return [share("languages.detection", [detect(text) == code for code, text in rows], bar=0.97)]


def symbols(bench: Bench) -> list[Figure]:
    """The largest share of sounds that any adapted language loses on the way to the model's alphabet."""
    losses = [symbol_loss(code) for code in sentences() if LANGUAGES[code].tier == "adapted"]
    return [Figure("languages.symbol_loss", max(losses), len(losses), 0.005, 0.05, higher_is_better=False)]


def symbol_loss(code: str) -> float:
    from engine.text.phonemes import loss

    losses = [loss(text, code) for text in sentences()[code]]
    return sum(lost for lost, _ in losses) / sum(written for _, written in losses)
