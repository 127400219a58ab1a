"""Why there are no photographs."""


class PackageUnavailable(Exception):
    """A package could not be fetched or read; the text is a clause that says what happened."""
