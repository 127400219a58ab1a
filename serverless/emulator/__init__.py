"""The platform on one machine: CloudFront, API Gateway, Lambda, SQS and the minute schedule around a Django project.

Enters: `[tool.serverless]` of pyproject.toml and the command line (`python -m serverless.emulator --help`).
Leaves: a site on http://localhost:8000/, log lines as CloudWatch has them, `.local/env` for other terminals.
Touches: the state directory, ports of 127.0.0.1, child processes that all end with it. Django is loaded only in the
functions' processes, which run AWS's own runtime client exactly as Lambda does.

Flow: browser -> cdn -> gateway (of one kind or another) -> function -> environment -> runtime (the Runtime API) ->
awslambdaric -> handler, and event_source (SQS) and scheduler (the minute) -> function. cloud puts the parts together.
"""

__all__: list[str] = []
