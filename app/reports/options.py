"""What can be chosen for a contact sheet, as the form, the row and the layout know it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db import models

FEWEST_COLUMNS, MOST_COLUMNS = 3, 6


class Paper(models.TextChoices):
    """Sheets of paper, upright."""

    A4 = "a4", "A4"
    LETTER = "letter", "US Letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactSheetOptions:
    """`columns` photos side by side; `captions` prints the file names."""

    paper: Paper = Paper.A4
    columns: int = 4
    captions: bool = True

    def __post_init__(self) -> None:
        """Raises ValueError outside of what a small rendition prints well."""
        if not FEWEST_COLUMNS <= self.columns <= MOST_COLUMNS:
            raise ValueError(f"columns must be from {FEWEST_COLUMNS} to {MOST_COLUMNS}, not {self.columns}.")

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `to_dict` wrote; what an earlier release did not know keeps its default."""
        given = dict(stored)
        return cls(**given | {"paper": Paper(given.get("paper", Paper.A4))})

    def to_dict(self) -> dict[str, Any]:
        """As a row keeps it: equal options are equal JSON."""
        return asdict(self) | {"paper": self.paper.value}

    def __str__(self) -> str:
        names = "with" if self.captions else "without"
        return f"{self.paper.label}, {self.columns} columns, {names} file names"
