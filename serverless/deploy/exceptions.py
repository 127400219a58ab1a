"""What keeps a release from being made."""

from serverless.exceptions import ServerlessError

__all__ = ["ConfigInvalid", "DeployError", "RehearsalFailed", "TreeInvalid"]


class DeployError(ServerlessError):
    """The root of what is raised here."""


class ConfigInvalid(DeployError):
    """``[tool.serverless.package]`` says something that it cannot."""


class RehearsalFailed(DeployError):
    """The packaged project does not start on this machine."""


class TreeInvalid(DeployError):
    """A folder is not what can be packaged, or not one to package into."""
