"""From ``enqueue()`` to a message in SQS.

In: calls of tasks, rows that end. Out: rows in the caller's transaction, and messages after its commit.
May touch: the tasks' tables, SQS through the standard library. Loaded by web functions, so nothing heavy.
"""
