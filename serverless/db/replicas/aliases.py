"""Which alias of DATABASES is a copy of which."""

from serverless.conf import conf

__all__ = ["primary_of", "replicas_of"]


def primary_of(alias: str) -> str:
    """Return the alias that ``alias`` is a replica of, or ``alias`` itself if it is none.

    For whatever looks at ``instance._state.db``, a router of shards above all: a row read from a replica is a row of
    its primary.
    """
    return next((primary for primary, copies in conf().replicas.of.items() if alias in copies), alias)


def replicas_of(alias: str) -> tuple[str, ...]:
    """Return the aliases of the replicas of ``alias``."""
    return conf().replicas.of.get(alias, ())
