"""A password that was changed while this environment lives: read again where the server refuses the one there is."""

import logging
import os
import time
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from serverless import secrets
from serverless.exceptions import ServerlessError

__all__ = ["ASK_AGAIN_S", "renewed"]

logger = logging.getLogger(__name__)

# Seconds between two looks for one database: whoever has a wrong password in the secret must not ask at each request.
ASK_AGAIN_S: Final = 10.0
_asked: dict[str, float] = {}


def renewed(database: dict[str, Any]) -> bool:
    """Take user and password out of the secret into ``database``, an entry of DATABASES; False where nothing changed.

    The entry is shared by the connections of all threads. Nothing is asked without ``OPTIONS["password_variable"]``,
    a password, and the variable SECRETS, which names the secret.
    """
    variable = database["OPTIONS"].get("password_variable", "")
    if not (variable and database["PASSWORD"] and os.environ.get("SECRETS")):
        return False
    now = time.monotonic()
    if now - _asked.get(variable, -ASK_AGAIN_S) < ASK_AGAIN_S:
        return False
    _asked[variable] = now
    try:
        url = urlsplit(secrets.fetch().get(variable, ""))
        login = unquote(url.username or ""), unquote(url.password or "")
    except ServerlessError as error:
        logger.warning("the password was refused, and its secret cannot be read", extra={"reason": str(error)})
        return False
    except ValueError:  # with the URL in its message
        logger.warning("the password was refused, and its secret holds no URL", extra={"variable": variable})
        return False
    if not all(login) or login == (database["USER"], database["PASSWORD"]):
        return False
    database["USER"], database["PASSWORD"] = login
    logger.info("the password has changed, connecting with the new one", extra={"variable": variable})
    return True
