"""Tenants spread over databases: each key's rows lie on one shard, and the default database knows on which.

In: ``SERVERLESS["SHARDS"]`` and the current shard, which a request settles on once (``serve``), a task brings from its
row's database and a command names (``using``, ``entered``). Out: a router, a middleware, checks, a mixin for the admin,
and ``manage.py shards``, which migrates all shards and moves a key from one to another.
May touch: the databases of settings. Without shards nothing of this is in the path of a query.
"""

from serverless.db.shards.current import alias_of_work, aliases, beside, current, is_on, settle, using
from serverless.db.shards.directory import KeyDirectory, Place, entered, find_directory, place_of, serve
from serverless.db.shards.exceptions import MoveRefused, NoShard, ShardClosed, ShardError, UnknownKey, WrongShard
from serverless.db.shards.transactions import atomic

__all__ = [
    "KeyDirectory", "MoveRefused", "NoShard", "Place", "ShardClosed", "ShardError", "UnknownKey", "WrongShard",
    "alias_of_work", "aliases", "atomic", "beside", "current", "entered", "find_directory", "is_on", "place_of",
    "serve", "settle", "using",
]  # fmt: skip
