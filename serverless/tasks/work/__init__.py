"""From an SQS event to the outcome in the row.

In: a batch of messages. Out: which of them SQS is to deliver again. ``batch`` reads it, ``shift`` decides what runs
when, ``lease`` and ``gates`` claim, ``worker`` and ``attempt`` run, ``report`` writes what came of it.
"""
