"""What runs before a function exists: from a checkout to a release that serves. Nothing here is in the package itself.

In: a project and its ``pyproject.toml``. Out: a package.
May touch: the file system below the folders that it is given.
"""
