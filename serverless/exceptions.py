"""The root of every error that this package raises on purpose."""


class ServerlessError(Exception):
    """Something that a caller can act on; the message says what to do next."""
