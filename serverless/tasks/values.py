"""What may be stored in a row: JSON without the few things that PostgreSQL's jsonb refuses."""

import json
from traceback import format_exception
from typing import Any

from django.utils.json import normalize_json

from serverless.tasks.exceptions import UnstorableValue

# A recursion error alone fills 100 kB; the end of a traceback tells the cause.
MAX_TRACEBACK = 16_000
# One for all: json.dumps builds an encoder for each call that asks for more than its defaults.
_encode = json.JSONEncoder(allow_nan=False, ensure_ascii=False).encode


def storable(value: Any) -> Any:
    """Return ``value`` as plain JSON types. Raises UnstorableValue where an INSERT or UPDATE would fail."""
    try:
        normal = normalize_json(value)
        # jsonb holds neither NUL nor lone surrogates: https://www.postgresql.org/docs/current/datatype-json.html
        text = _encode(normal)
        if "\\u0000" in text.replace("\\\\", ""):
            raise UnstorableValue("A NUL character cannot be stored: remove it, or pass the key of a stored object.")
        text.encode()
    except UnstorableValue:
        raise
    except (TypeError, ValueError, RecursionError) as error:
        raise UnstorableValue(f"{error} Pass ids, text, numbers, lists and dicts.") from error
    return normal


def describe(error: BaseException) -> dict[str, str]:
    """Return ``error`` as the row stores it, with the fields of ``django.tasks.base.TaskError``."""
    kind = type(error)
    text = "".join(format_exception(error))[-MAX_TRACEBACK:]
    text = text.encode(errors="backslashreplace").decode().replace("\0", "\\0")
    return {"exception_class_path": f"{kind.__module__}.{kind.__qualname__}", "traceback": text}
