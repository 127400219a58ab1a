"""From a checkout to what Lambda unpacks.

In: folders of packages and of the project, ``[tool.serverless.package]`` of ``pyproject.toml``. Out: a slim tree.
May touch: the file system below the folders that it is given.
"""

from serverless.deploy.exceptions import DeployError
from serverless.deploy.package.config import PackageConfig, load
from serverless.deploy.package.slim import Report, slim

__all__ = ["DeployError", "PackageConfig", "Report", "load", "slim"]
