"""The AWS that a project runs on, as CloudFormation templates: a pure function of what the project asks for.

In: ``StackConfig``, read from ``[tool.serverless]`` and ``[tool.serverless.stack]`` of ``pyproject.toml``. Out: three
templates (``releases`` and ``home`` in the project's region, ``edge`` in us-east-1) and the names of their outputs.
May touch: nothing. No clock, no network, no AWS; ``serverless.deploy`` carries templates to AWS.
"""
