"""What runs before a function exists: from a checkout to what Lambda unpacks. Nothing here is in the package itself.

In: folders of packages and of the project, ``[tool.serverless.package]`` of ``pyproject.toml``. Out: a slim tree.
May touch: the file system below the folders that it is given.
"""

from serverless.deploy.config import PackageConfig, load
from serverless.deploy.exceptions import DeployError
from serverless.deploy.slim import Report, slim

__all__ = ["DeployError", "PackageConfig", "Report", "load", "slim"]
