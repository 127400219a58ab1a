"""What keeps a release from being made."""

from serverless.exceptions import ServerlessError

__all__ = ["DeployError"]


class DeployError(ServerlessError):
    """The root of what is raised here. Its text says what to do next."""
