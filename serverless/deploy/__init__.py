"""What runs before a function exists: from a checkout to a release that serves. Nothing here is in the package itself.

In: a project with its ``pyproject.toml`` and ``zappa_settings.json``, and what AWS says. Out: packages, stacks,
releases. May touch: AWS, by ``serverless.aws`` alone, and the file system below the folders that it is given.
``commands`` and Zappa's ``callbacks`` are the two ways in.
"""
