"""Figures: what was measured, what it is to be, and whether it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One line of the table. `most` and `least` are the promise; without one, it is told only."""

    group: str
    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def verdict(self) -> str:
        if self.most is None and self.least is None:
            return ""
        above = self.most is not None and self.value > self.most
        below = self.least is not None and self.value < self.least
        return "FALLS SHORT" if above or below else "PASS"

    @property
    def promise(self) -> str:
        parts = [f"≤ {self.most:g}"] if self.most is not None else []
        parts += [f"≥ {self.least:g}"] if self.least is not None else []
        return " ".join(parts)


# A measurement: given the folder of clips and an empty one, its figures as they become known
Measurement = Callable[[Path, Path], Iterator[Figure]]
MEASUREMENTS: dict[str, Measurement] = {}


def measurement(name: str) -> Callable[[Measurement], Measurement]:
    """Register a measurement under `name`, by which `make bench ARGS=name` runs it alone."""

    def register(measure: Measurement) -> Measurement:
        MEASUREMENTS[name] = measure
        return measure

    return register


# What is told of all figures together, after the last measurement
Summary = Callable[[Sequence[Figure]], Iterator[Figure]]
SUMMARIES: list[Summary] = []


def summary(tell: Summary) -> Summary:
    """Register what is told at the end, of all figures."""
    SUMMARIES.append(tell)
    return tell
