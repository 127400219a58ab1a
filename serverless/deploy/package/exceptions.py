"""What keeps a package from being made."""

from serverless.deploy.exceptions import DeployError

__all__ = [
    "BuildFailed",
    "ConfigInvalid",
    "NamesCollide",
    "PackageError",
    "RehearsalFailed",
    "StaticFailed",
    "TooLarge",
    "TreeInvalid",
]


class PackageError(DeployError):
    """The root of what is raised here."""


class BuildFailed(PackageError):
    """The requirements cannot be installed for the function's platform."""


class ConfigInvalid(PackageError):
    """``[tool.serverless.package]`` says something that it cannot."""


class NamesCollide(PackageError):
    """A file or package of the project has the name of one that is installed; in Lambda both lie in one folder."""


class RehearsalFailed(PackageError):
    """The packaged project does not start on this machine."""


class StaticFailed(PackageError):
    """The project's static files cannot be staged."""


class TooLarge(PackageError):
    """Lambda would refuse the package."""


class TreeInvalid(PackageError):
    """A folder is not what can be packaged, or not one to package into."""
