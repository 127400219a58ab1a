"""The wire forms: which row to look at, or what a task without a row is given."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final, Self
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from serverless.tasks.exceptions import MalformedMessage

_USUAL: Final = ("database", DEFAULT_DB_ALIAS)


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
    """``{"path": "<task>", "backend": "<alias>", "queue": "<name>", "items": [...], "database": "<alias>"}``.

    Without ``database`` it is the default one.
    """

    path: str
    backend: str
    queue: str
    items: list[Any]
    database: str = DEFAULT_DB_ALIAS
    """Where a row would lie: the shard that the items are about."""

    def dumps(self) -> str:
        # Left out where it says nothing: a release before this one reads messages of this one.
        return json.dumps({name: value for name, value in asdict(self).items() if (name, value) != _USUAL})


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


def _items(
    *, path: object, backend: object, queue: object, items: object, database: object = DEFAULT_DB_ALIAS
) -> Items:
    if not (isinstance(path, str) and isinstance(backend, str) and isinstance(queue, str) and isinstance(items, list)):
        raise MalformedMessage("The message's parts are of other types.")
    if not isinstance(database, str):
        raise MalformedMessage("The message's database is no text.")
    return Items(path=path, backend=backend, queue=queue, items=items, database=database)
