"""The Lambda entry points: one artefact, several functions; the event decides.

In: an event and Lambda's context. Out: what the event source expects back. ``main.handler`` is the only dotted path
that a function is configured with.
"""
