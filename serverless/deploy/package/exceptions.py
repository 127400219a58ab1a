"""What keeps a package from being made."""

from serverless.deploy.exceptions import DeployError

__all__ = ["ConfigInvalid", "PackageError", "RehearsalFailed", "TreeInvalid"]


class PackageError(DeployError):
    """The root of what is raised here."""


class ConfigInvalid(PackageError):
    """``[tool.serverless.package]`` says something that it cannot."""


class RehearsalFailed(PackageError):
    """The packaged project does not start on this machine."""


class TreeInvalid(PackageError):
    """A folder is not what can be packaged, or not one to package into."""
