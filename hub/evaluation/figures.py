"""A measured figure, its bar, and the baseline it must not fall from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

BASELINE = Path(__file__).with_name("baseline.json")


@dataclass(frozen=True, slots=True)
class Figure:
    """`name` is unique, as in `design.gender`; `count` is how many samples it was measured on.

    `bar` is what was promised, None where nothing was; `noise` is how far the figure moves by chance.
    """

    name: str
    value: float
    count: int
    noise: float
    bar: float | None = None
    higher_is_better: bool = True

    @property
    def met(self) -> bool | None:
        if self.bar is None:
            return None
        # A median of NumPy's numbers compares to a kind of truth that JSON does not know.
        return bool(self.value >= self.bar if self.higher_is_better else self.value <= self.bar)

    def fell_from(self, before: float) -> bool:
        """Whether it is worse than `before` by more than chance."""
        loss = before - self.value if self.higher_is_better else self.value - before
        return loss > self.noise


def share(name: str, right: Iterable[bool], *, bar: float | None = None) -> Figure:
    """The share of samples that came out right; the noise is two standard errors, or one sample."""
    outcomes = list(right)
    count = len(outcomes)
    value = sum(outcomes) / count
    noise = max(1 / count, 2 * (value * (1 - value) / count) ** 0.5)
    return Figure(name, value, count, noise + 1e-9, bar)


def fallen(figures: Iterable[Figure], baseline: Mapping[str, float]) -> list[str]:
    """A sentence for each figure that fell from the baseline by more than its noise."""
    return [
        f"{figure.name} is {figure.value:.3f}; it was {baseline[figure.name]:.3f} (noise {figure.noise:.3f})"
        for figure in figures
        if figure.name in baseline and figure.fell_from(baseline[figure.name])
    ]


def read_baseline(path: Path = BASELINE) -> dict[str, float]:
    values: dict[str, float] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return values


def write_baseline(figures: Iterable[Figure], path: Path = BASELINE) -> None:
    """What was measured takes the place of what was there; figures of other sections stay."""
    values = read_baseline(path) | {figure.name: round(figure.value, 4) for figure in figures}
    path.write_text(json.dumps(dict(sorted(values.items())), indent=2) + "\n", "utf-8")
