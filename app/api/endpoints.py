"""The table of endpoints: addresses, documents and tests are made from it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.api import handlers
from app.api.handlers import Answer
from app.api.models import Scope
from app.api.resources import Gallery, Link, Page, Photo

__all__ = ["ENDPOINTS", "VERSION_ROOT", "Endpoint"]

VERSION_ROOT = "/api/v1/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One address. `path` is relative to VERSION_ROOT, its parameters in braces are UUIDs; `answer` a dataclass."""

    path: str
    handler: Callable[..., Answer]
    answer: Any
    scope: Scope = Scope.GALLERIES_READ
    paged: bool = False

    @property
    def name(self) -> str:
        """The operation's id."""
        return self.handler.__name__

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def route(self) -> str:
        """The path as Django writes it."""
        return re.sub(r"{(\w+)}", r"<uuid:\1>", self.path)


ENDPOINTS = (
    Endpoint(path="galleries/", handler=handlers.galleries, answer=Page[Gallery], paged=True),
    Endpoint(path="galleries/{gallery_id}/", handler=handlers.gallery, answer=Gallery),
    Endpoint(path="galleries/{gallery_id}/photos/", handler=handlers.photos, answer=Page[Photo], paged=True),
    Endpoint(path="galleries/{gallery_id}/links/", handler=handlers.links, answer=Page[Link], paged=True),
    Endpoint(path="photos/{photo_id}/", handler=handlers.photo, answer=Photo),
)
