"""The wire forms: which row to look at, or what a task without a row is given."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

from serverless.tasks.exceptions import MalformedMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """``{"task": "<id of the row>", "database": "<alias>"}``: no arguments, so never stale, secret or too large."""

    id: UUID
    database: str

    def dumps(self) -> str:
        return json.dumps({"task": str(self.id), "database": self.database})

    @classmethod
    def loads(cls, body: str) -> Self:
        """Read a message body. Raises MalformedMessage for whatever ``dumps`` does not write."""
        message = loads(body)
        if not isinstance(message, cls):
            raise MalformedMessage("The message has no row.")
        return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """``{"path": "<task>", "backend": "<alias>", "queue": "<name>", "items": [...]}``."""

    path: str
    backend: str
    queue: str
    items: list[Any]

    def dumps(self) -> str:
        return json.dumps(asdict(self))


def loads(body: str) -> Message | Items:
    """Read a message body. Raises MalformedMessage for whatever neither form writes."""
    try:
        fields = json.loads(body)
        if "items" in fields:
            return _items(**fields)
        identifier, database = fields["task"], fields["database"]
        if not (isinstance(identifier, str) and isinstance(database, str)):
            raise MalformedMessage("The ids in the message are not text.")
        return Message(id=UUID(identifier), database=database)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise MalformedMessage(f"The message is no task's: {type(error).__name__}.") from error


def _items(*, path: object, backend: object, queue: object, items: object) -> Items:
    if not (isinstance(path, str) and isinstance(backend, str) and isinstance(queue, str) and isinstance(items, list)):
        raise MalformedMessage("The message's parts are of other types.")
    return Items(path=path, backend=backend, queue=queue, items=items)
