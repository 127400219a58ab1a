"""The release train: what ``zappa deploy`` and ``zappa update`` do beside Zappa, and ``make rollback``.

In: a stage, the outputs of its stacks, and a package. Out: versions of three functions behind the alias ``live``,
static files, and a record. May touch: the stage's functions, release bucket and static bucket; it reads the app secret
for the origin secret. What it cannot finish it takes back: the release before serves on.
"""

from serverless.deploy.release.context import Release, Stage, begin, open_stage
from serverless.deploy.release.exceptions import ReleaseError
from serverless.deploy.release.record import Record
from serverless.deploy.release.rollback import roll_back
from serverless.deploy.release.train import Train

__all__ = ["Record", "Release", "ReleaseError", "Stage", "Train", "begin", "open_stage", "roll_back"]
