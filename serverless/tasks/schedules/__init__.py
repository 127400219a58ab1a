"""Schedules that settings declare: each occurrence is enqueued once, however often the minute tick is delivered.

In: OPTIONS["SCHEDULES"] of a task backend, the tick. Out: ordinary tasks, enqueued in the transaction that also writes
down the occurrence. May touch: PostgreSQL, through the table of schedules and ``enqueue``.

``declaration`` reads the settings, ``occurrences`` (pure) knows the times, ``due`` enqueues, ``row`` remembers,
``upcoming`` looks ahead, ``checks`` and ``admin`` are for people. The library for cron expressions is imported when an
expression is evaluated, and never on a web request outside the admin.
"""
