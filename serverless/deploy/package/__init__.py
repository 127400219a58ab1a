"""From a checkout to the zip that Lambda unpacks, the same bytes for the same input.

In: a project with hashed ``requirements.txt`` and ``[tool.serverless.package]`` in ``pyproject.toml``. Out: a zip of
packages for the function's processor and of the project, what it weighs and what it is made of, and its static files
staged. It names no release and holds no secret.
May touch: the file system below the folders that it is given, uv, and the package index where something is new.
"""

from serverless.deploy.package.build import ARCHITECTURE, MACHINE, Architecture, this_python
from serverless.deploy.package.config import PackageConfig, load
from serverless.deploy.package.exceptions import PackageError
from serverless.deploy.package.making import Options, Package, make
from serverless.deploy.package.size import SizeReport
from serverless.deploy.package.slim import Report, slim

__all__ = [
    "ARCHITECTURE",
    "MACHINE",
    "Architecture",
    "Options",
    "Package",
    "PackageConfig",
    "PackageError",
    "Report",
    "SizeReport",
    "load",
    "make",
    "slim",
    "this_python",
]
