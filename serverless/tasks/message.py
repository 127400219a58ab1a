"""The wire form: which row to look at. It carries no arguments, so a message is never stale, secret or too large."""

import json
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from serverless.tasks.exceptions import MalformedMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message body: ``{"task": "<id of the row>", "database": "<alias>"}``."""

    id: UUID
    database: str

    def dumps(self) -> str:
        return json.dumps({"task": str(self.id), "database": self.database})

    @classmethod
    def loads(cls, body: str) -> Self:
        """Read a message body. Raises MalformedMessage for whatever ``dumps`` does not write."""
        try:
            fields = json.loads(body)
            identifier, database = fields["task"], fields["database"]
            if not (isinstance(identifier, str) and isinstance(database, str)):
                raise MalformedMessage("The ids in the message are not text.")
            return cls(id=UUID(identifier), database=database)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise MalformedMessage(f"The message is no task's: {type(error).__name__}.") from error
