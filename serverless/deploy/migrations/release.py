"""What a release has made so far: the code before it knows none of that, and tables of its own are empty."""

from dataclasses import dataclass, field

from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.operations.base import Operation

__all__ = ["Release"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Models by app and name, fields by app, model and name; names in lower case."""

    models: set[tuple[str, str]] = field(default_factory=set)
    fields: set[tuple[str, str, str]] = field(default_factory=set)

    def note(self, operation: Operation, label: str) -> None:
        """Remember what ``operation`` makes."""
        if isinstance(operation, CreateModel):
            self.models.add((label, operation.name_lower))
        elif isinstance(operation, AddField):
            self.fields.add((label, operation.model_name_lower, operation.name_lower))

    def made_model(self, label: str, model: str) -> bool:
        return (label, model.lower()) in self.models

    def made_field(self, label: str, model: str, name: str) -> bool:
        return self.made_model(label, model) or (label, model.lower(), name.lower()) in self.fields
