"""What keeps a release from being made."""

from serverless.exceptions import ServerlessError

__all__ = ["ConfigInvalid", "DeployError", "TreeInvalid"]


class DeployError(ServerlessError):
    """The root of what is raised here."""


class ConfigInvalid(DeployError):
    """``[tool.serverless.package]`` says something that it cannot."""


class TreeInvalid(DeployError):
    """A folder is not what can be packaged, or not one to package into."""
