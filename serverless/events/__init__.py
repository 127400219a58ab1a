"""Event shapes: what Lambda hands to a function.

In: any JSON object. Out: its Kind, or UnknownEvent that names the shape. ``build`` makes valid events for the emulator,
the tests and the benchmarks. Touches nothing.
"""

from serverless.events.kind import Kind, UnknownEvent, kind

__all__ = ["Kind", "UnknownEvent", "kind"]
