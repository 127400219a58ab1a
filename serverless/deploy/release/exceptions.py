"""What keeps a release from serving. Each says what to do next."""

from serverless.deploy.exceptions import DeployError

__all__ = [
    "FunctionFailed",
    "LockHeld",
    "LockLost",
    "MigrationFailed",
    "MigratorBusy",
    "NotPossible",
    "RecordUnreadable",
    "ReleaseError",
    "SmokeFailed",
    "StaticFailed",
    "UploadFailed",
    "VerifyFailed",
]


class ReleaseError(DeployError):
    """The root of what a release raises."""


class NotPossible(ReleaseError):
    """The command cannot be run in this state of the stage; nothing was changed."""


class LockHeld(ReleaseError):
    """Another release of this stage is under way."""


class LockLost(ReleaseError):
    """The lock is not this release's any more: it expired, or somebody took it away."""


class UploadFailed(ReleaseError):
    """The package did not arrive as it was sent."""


class StaticFailed(ReleaseError):
    """Static files are missing, here or in the bucket."""


class FunctionFailed(ReleaseError):
    """A function did not become what it was asked to be."""


class MigratorBusy(ReleaseError):
    """The migrator runs something already, and runs one thing at a time."""


class MigrationFailed(ReleaseError):
    """A migration did not run to its end."""


class SmokeFailed(ReleaseError):
    """The new version does not work; nobody but this release has called it."""


class VerifyFailed(ReleaseError):
    """What serves is not what was switched to."""


class RecordUnreadable(ReleaseError):
    """A release record is not one, or is of a later version of this code."""
