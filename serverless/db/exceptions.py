"""What stops a connection or a bootstrap, with what to do about it."""

from django.core.exceptions import ImproperlyConfigured

from serverless.exceptions import ServerlessError


class DatabaseError(ServerlessError):
    """Base of every error of this room."""


class UnknownAuthority(DatabaseError, ImproperlyConfigured):
    """Nobody is known to vouch for a server of this name."""


class NoAdministrator(DatabaseError):
    """Nothing says as whom the users could be made."""


class BootstrapFailed(DatabaseError):
    """PostgreSQL refused a step; nothing was changed."""
