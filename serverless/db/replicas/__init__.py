"""Reads from replicas of PostgreSQL, and no stale surprises: ``DATABASE_ROUTERS = ["serverless.db.replicas.Router"]``.

In: ``SERVERLESS["REPLICAS"]`` and its aliases in DATABASES; the signed cookie of a viewer who has just written.
Out: the alias that a query goes to, and that cookie. May touch: PostgreSQL, to see how far a replica is behind.

A read comes from a replica only if all of this holds: its model is named in ``MODELS``, it happens under
``using_replicas()`` in a GET or HEAD request, this viewer has not written for ``SECONDS``, no transaction is open on
the primary, and a replica answers that is not behind by more than ``MAX_LAG``. Everything else is the primary's.
"""

from serverless.db.replicas.aliases import primary_of, replicas_of
from serverless.db.replicas.router import Router
from serverless.db.replicas.visit import note_write, using_primary, using_replicas

__all__ = ["Router", "note_write", "primary_of", "replicas_of", "using_primary", "using_replicas"]
