"""The wrapper that Django loads by the name of this module."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from serverless.db import certificates
from serverless.db.tokens import token

__all__ = ["DatabaseWrapper"]


class DatabaseWrapper(base.DatabaseWrapper):
    """``OPTIONS["iam"]``: a token of IAM in the place of a password, and TLS that is verified in full."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return what psycopg connects with. Raises ImproperlyConfigured, and MissingCredentials outside a function."""
        params: dict[str, Any] = super().get_connection_params()
        if params.pop("iam", False):
            self._refuse_contradictions()
            host = params["host"]
            params |= certificates.verified(host, given=params.get("sslrootcert"))
            # Anew for each connection: it is good for 15 minutes, a function's environment lives for hours.
            params["password"] = token(host, port=int(params.get("port") or 5432), user=params["user"])
        return params

    def _refuse_contradictions(self) -> None:
        given, options = self.settings_dict, self.settings_dict["OPTIONS"]
        problems = {
            "PASSWORD beside iam: drop one of them.": given["PASSWORD"],
            "no USER: iam needs to know for whom the token is.": not given["USER"],
            "no HOST: iam needs to know for which server the token is.": not given["HOST"],
            "pool beside iam: a pool keeps the first token, which ends after 15 minutes.": options.get("pool"),
            "another sslmode than verify-full: whoever is handed the token could use it for 15 minutes.": (
                options.get("sslmode", "verify-full") != "verify-full"
            ),
        }
        for text, is_so in problems.items():
            if is_so:
                raise ImproperlyConfigured(f"DATABASES[{self.alias!r}] has {text}")
