"""What Zappa is told beside ``zappa_settings.json``, and what may not be said there.

Zappa's part of a release is the unpublished web function. Whatever else it does by default would be harm here: an API
of its own to code that nobody has tried, a rule that calls it, versions deleted by number that a rollback needs.
"""

from collections.abc import Mapping
from typing import Any, Final

from serverless.deploy.release.context import Release
from serverless.deploy.release.environment import HANDLER
from serverless.deploy.release.exceptions import NotPossible

__all__ = ["overrides", "require"]

# Settings of Zappa 0.63 with which it leaves alone what is the stack's, or a release's.
_OFF: Final[Mapping[str, Any]] = {
    "apigateway_enabled": False,
    "alb_enabled": False,
    "function_url_enabled": False,
    "manage_roles": False,
    "keep_warm": False,
    "events": [],
    "touch": False,
    "num_retained_versions": None,
    "provisioned_concurrency": None,
    "slim_handler": False,
    # All else here follows AWS_PROFILE: two profiles would be two accounts.
    "profile_name": None,
    # The web function alone would have them.
    "layers": None,
    "efs_config": None,
    "dead_letter_arn": "",
}
_PYPROJECT: Final = "[tool.serverless] and its stages in pyproject.toml say it"
_ELSEWHERE: Final[Mapping[str, str]] = {
    "aws_environment_variables": "`make secrets` sets variables",
    "environment_variables": "`make secrets` sets variables",
    "remote_env": "`make secrets` sets variables",
    "memory_size": _PYPROJECT,
    "timeout_seconds": _PYPROJECT,
    "lambda_concurrency": _PYPROJECT,
    "role_arn": "the stack makes the roles",
    "role_name": "the stack makes the roles",
    "vpc_config": "the stack makes the network",
}


def require(settings: Mapping[str, Any], *, stage: str) -> None:
    """Raise NotPossible where ``zappa_settings.json`` asks for what is not done, or is said in another place."""
    wrong = [f"{key} (take it out: this layer sets it off)" for key in _OFF if settings.get(key)]
    wrong += [f"{key} (take it out: {where})" for key, where in _ELSEWHERE.items() if settings.get(key)]
    if settings.get("lambda_handler", HANDLER) != HANDLER:
        wrong.append(f"lambda_handler (take it out: it is {HANDLER})")
    if wrong:
        raise NotPossible(f"zappa_settings.json says for {stage} what it may not: {'; '.join(wrong)}.")


def overrides(release: Release) -> dict[str, Any]:
    """Return the settings that are the same in every project, that only AWS knows, or that are said elsewhere."""
    web, stage = release.configurations["web"], release.stage
    return {
        **_OFF,
        "django_settings": release.code.settings_module,
        "lambda_handler": web.handler,
        "runtime": web.runtime,
        "architecture": web.architecture,
        "s3_bucket": stage.bucket,
        "role_arn": web.role,
        "memory_size": web.memory_mb,
        "timeout_seconds": web.timeout_s,
        "lambda_description": web.description,
        "vpc_config": web.vpc,
        "aws_environment_variables": dict(web.variables),
    }
