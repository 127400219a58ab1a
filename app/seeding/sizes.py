"""How much there is of each, and how it is spread: a large studio, some of middle size, many small ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

__all__ = ["Impossible", "Sizes", "shares", "skewed", "uneven"]

_GALLERIES_A_STUDIO = 40
# Of a Zipf distribution: with 250 studios the largest has a sixth of all galleries, half of the studios have a dozen.
_SKEW = 0.9


class Impossible(ValueError):
    """Numbers that do not go together; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many rows to make; `studios` is 0 for one to each forty galleries. Raises Impossible."""

    galleries: int = 10_000
    photos: int = 1_000_000
    events: int = 10_000_000
    studios: int = 0

    def __post_init__(self) -> None:
        """Refuse what no rows can be made of."""
        if self.galleries < 1:
            raise Impossible("There is nothing without a gallery: ask for one at least.")
        if min(self.photos, self.events, self.studios) < 0:
            raise Impossible("Photos, events and studios are counted from 0.")
        if self.studios > self.galleries:
            raise Impossible(f"Each studio has a gallery at least: {self.galleries} are too few for {self.studios}.")

    @property
    def studio_count(self) -> int:
        """How many studios there will be."""
        return self.studios or max(1, self.galleries // _GALLERIES_A_STUDIO)


def shares(total: int, weights: Sequence[float], *, least: int = 0) -> list[int]:
    """Divide `total` in proportion to `weights`, `least` for each first. The sum of the shares is `total`.

    Needs `total >= least * len(weights)`.
    """
    free = total - least * len(weights)
    parts = list(accumulate(weights))
    ends = [0, *(round(free * part / parts[-1]) for part in parts)]
    return [least + end - begin for begin, end in pairwise(ends)]


def skewed(count: int) -> list[float]:
    """Weights of studios, the largest first."""
    return [1 / (place + 1) ** _SKEW for place in range(count)]


def uneven(count: int, draw: Random) -> list[float]:
    """Weights of galleries: most are near the middle, some ten times as large."""
    return [draw.lognormvariate(0, 0.8) for _ in range(count)]
