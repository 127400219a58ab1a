"""Valkey through django-redis, such that no page waits long for it, and none fails without it.

Enters: CACHES, with ``serverless.cache.backend.ValkeyCache`` as BACKEND and CACHE_URL as LOCATION; keys and values.
Leaves: values, or what Django's cache interface returns for a miss, whatever state Valkey is in.
Touches: one connection an execution environment, or one a node in cluster mode.

``backend`` reads the settings; ``client`` is django-redis' client without calls that cross slots, keys without an end
and values that run code (``serializer``, ``pages``). Below it, ``valkey`` and ``cluster`` are redis-py's clients, whose
``pool`` and ``connection`` keep to what ``breaker`` allows them to wait. ``fresh`` has one environment compute a value
that many want.
"""

from serverless.cache.fresh import get_or_compute
from serverless.cache.keys import versioned_key

__all__ = ["get_or_compute", "versioned_key"]
