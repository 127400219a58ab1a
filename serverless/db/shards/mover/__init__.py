"""One key, from its shard to another, while it is closed for writing.

In: the key and the target. Out: its rows there, equal one by one, the directory switched in one transaction, and the
old rows still in their place until ``purge``. Each step is written down in ``Move``; stopped anywhere, the same call
goes on. May touch: both databases, the directory's, and the tasks' table in all of them.
"""

from serverless.db.shards.mover.steps import give_up, move, purge

__all__ = ["give_up", "move", "purge"]
