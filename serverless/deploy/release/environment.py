"""What each function is asked to be: role, memory, timeout, network, variables. Pure.

The variables are the contract that settings read; none is a secret, since whoever may look at a function reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

from serverless.deploy.release.exceptions import NotPossible
from serverless.stack import names, reach
from serverless.stack.config import StackConfig
from serverless.stack.names import Function
from serverless.stack.outputs import EdgeOutput, HomeOutput

__all__ = ["HANDLER", "Code", "FunctionConfig", "configuration", "configurations"]

HANDLER: Final = "serverless.handlers.main.handler"
# Lambda's longest; a migration may take that long.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MIGRATOR_TIMEOUT_S: Final = 900
MIGRATOR_MEMORY_MB: Final = 1024
# Django takes no lock: who migrates while a lost connection's migration still runs would run it twice. Lambda refuses.
MIGRATOR_CONCURRENCY: Final = 1
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_VARIABLES_LIMIT: Final = 4096

_ROLES: Final[Mapping[Function, HomeOutput]] = {
    "web": HomeOutput.WEB_ROLE,
    "worker": HomeOutput.WORKER_ROLE,
    "migrator": HomeOutput.MIGRATOR_ROLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What all functions of a release have in common, out of ``zappa_settings.json``."""

    release: str
    handler: str
    runtime: str
    architecture: str
    settings_module: str
    log_level: str = "INFO"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionConfig:
    """One function of a release."""

    name: str
    role: str
    description: str
    handler: str
    runtime: str
    architecture: str
    memory_mb: int
    timeout_s: int
    concurrency: int | None
    """Environments that are reserved for it, and its bound; None: what the account has left."""
    subnets: tuple[str, ...]
    security_group: str
    ipv6: bool
    variables: Mapping[str, str] = field(repr=False)

    @property
    def vpc(self) -> dict[str, Any]:
        """As ``VpcConfig`` of CreateFunction."""
        return {
            "SubnetIds": list(self.subnets),
            "SecurityGroupIds": [self.security_group],
            "Ipv6AllowedForDualStack": self.ipv6,
        }

    def asked(self) -> dict[str, Any]:
        """Return the arguments of UpdateFunctionConfiguration, without the name.

        https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
        """
        return {
            "Role": self.role,
            "Handler": self.handler,
            "Runtime": self.runtime,
            "Description": self.description,
            "Timeout": self.timeout_s,
            "MemorySize": self.memory_mb,
            "VpcConfig": self.vpc,
            "Environment": {"Variables": dict(self.variables)},
        }


def configurations(config: StackConfig, outputs: Mapping[str, str], code: Code) -> dict[Function, FunctionConfig]:
    """Return what each function of the release is. Raises NotPossible that names missing outputs."""
    return {which: configuration(which, config, outputs, code) for which in names.FUNCTIONS}


def configuration(which: Function, config: StackConfig, outputs: Mapping[str, str], code: Code) -> FunctionConfig:
    """Return what the function ``which`` is. Raises NotPossible."""
    needed = [*_NEEDED, _ROLES[which]]
    if missing := [str(output) for output in needed if not outputs.get(output)]:
        raise NotPossible(
            f"The stacks of {config.stage} do not say {', '.join(missing)}: they are half made, or older than this "
            f"code. Run `make stack STAGE={config.stage}`, then the same command again."
        )
    variables = _variables(which, config, outputs, code)
    size = sum(len(name.encode()) + len(value.encode()) for name, value in variables.items())
    if size > _VARIABLES_LIMIT:
        raise NotPossible(f"The variables of {which} come to {size} bytes, over Lambda's {_VARIABLES_LIMIT}.")
    memory, timeout, concurrency = _size(which, config)
    return FunctionConfig(
        name=names.function(config.prefix, which),
        role=outputs[_ROLES[which]],
        description=f"release {code.release}",
        handler=code.handler,
        runtime=code.runtime,
        architecture=code.architecture,
        memory_mb=memory,
        timeout_s=timeout,
        concurrency=concurrency,
        subnets=tuple(outputs[HomeOutput.SUBNETS].split(",")),
        security_group=outputs[HomeOutput.SECURITY_GROUP],
        ipv6=_ipv6(outputs),
        variables=variables,
    )


_NEEDED: Final = (
    EdgeOutput.SITE_URL,
    HomeOutput.SUBNETS,
    HomeOutput.SECURITY_GROUP,
    HomeOutput.MEDIA_BUCKET,
    HomeOutput.STATIC_BUCKET,
    HomeOutput.DATABASE_HOST,
    HomeOutput.DATABASE_DIRECT_HOST,
    HomeOutput.DATABASE_PORT,
    HomeOutput.DATABASE_NAME,
    HomeOutput.CACHE_URL,
    HomeOutput.TASK_QUEUES,
    HomeOutput.APP_SECRET,
)

_SECOND_KEY: Final = EdgeOutput.MEDIA_KEY_PAIR_ID_SECOND


def _size(which: Function, config: StackConfig) -> tuple[int, int, int | None]:
    match which:
        case "web":
            return config.web_memory_mb, config.web_timeout_s, config.web_concurrency
        case "worker":
            return config.worker.memory_mb, config.worker.timeout_s, config.worker_concurrency
    return MIGRATOR_MEMORY_MB, MIGRATOR_TIMEOUT_S, MIGRATOR_CONCURRENCY


def _variables(which: Function, config: StackConfig, outputs: Mapping[str, str], code: Code) -> dict[str, str]:
    site = outputs[EdgeOutput.SITE_URL]
    variables = {
        "DJANGO_SETTINGS_MODULE": code.settings_module,
        "SITE_URL": site,
        "ALLOWED_HOSTS": urlsplit(site).hostname or "",
        "MEDIA_BUCKET": outputs[HomeOutput.MEDIA_BUCKET],
        "STATIC_BUCKET": outputs[HomeOutput.STATIC_BUCKET],
        "TASK_QUEUES": outputs[HomeOutput.TASK_QUEUES],
        "WORKER_TIMEOUT": str(config.worker.timeout_s),
        "DATABASE_URL": _database(which, outputs),
        "CACHE_URL": outputs[HomeOutput.CACHE_URL],
        "SECRETS": outputs[HomeOutput.APP_SECRET],
        # Where both places are taken, a rotation is under way, and the app secret names the one that signs.
        "MEDIA_KEY_PAIR_ID": outputs.get(EdgeOutput.MEDIA_KEY_PAIR_ID) or outputs.get(_SECOND_KEY, ""),
        "EMAIL_URL": f"ses://{config.region}",
        "AWS_ENDPOINT_URL_SESV2": f"https://{reach.host('ses', region=config.region, ipv6=_ipv6(outputs))}",
        "MAIL_FROM": _sender(config, outputs.get(HomeOutput.MAIL_FROM_DOMAIN, "")),
        "HSTS_SUBDOMAINS": "yes" if config.hsts_subdomains else "",
        "LOG_LEVEL": code.log_level,
        "RELEASE": code.release,
    }
    if which == "web":  # tasks and commands read from the primary
        variables["DATABASE_REPLICA_URLS"] = _replicas(outputs)
    if which == "migrator":
        variables["DATABASE_ADMIN_SECRET"] = outputs.get(HomeOutput.DATABASE_ADMIN_SECRET, "")
    return {name: value for name, value in variables.items() if value}


def _ipv6(outputs: Mapping[str, str]) -> bool:
    return outputs.get(HomeOutput.FUNCTION_IPV6) == "yes"


def _database(which: Function, outputs: Mapping[str, str]) -> str:
    """Each function has a database user of its own name; the migrator goes past the proxy, which pins what DDL does."""
    host = outputs[HomeOutput.DATABASE_DIRECT_HOST if which == "migrator" else HomeOutput.DATABASE_HOST]
    return _url(which, host, outputs)


def _replicas(outputs: Mapping[str, str]) -> str:
    """No proxy stands before a replica; the web function is the same user there."""
    hosts = outputs.get(HomeOutput.DATABASE_REPLICA_HOSTS, "")
    return ",".join(_url("web", host, outputs) for host in hosts.split(",") if host)


def _url(user: str, host: str, outputs: Mapping[str, str]) -> str:
    # A comma would end it in a list of them.
    name = quote(outputs[HomeOutput.DATABASE_NAME], safe="")
    return f"postgresql://{user}@{host}:{outputs[HomeOutput.DATABASE_PORT]}/{name}?iam=true"


def _sender(config: StackConfig, domain: str) -> str:
    return f"{config.project.capitalize()} <no-reply@{domain}>" if domain else ""
